from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.conftest import PROJECT
from tests.speech.tone_voice import make_tone_voice
from voicebot.audio.files import read_audio_at
from voicebot.call.call import Call
from voicebot.media.house import House
from voicebot.media.live_calls import LiveCalls
from voicebot.models.chosen import choose_recogniser, choose_voice, reset
from voicebot.qa.caller import FixtureLeg
from voicebot.qa.fixture import load
from voicebot.qa.replay import facts_of
from voicebot.settings import Settings


@pytest.fixture
def open_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, house: House) -> Callable[[], House]:
    """A house of its own, with the intent model that the session's house has trained."""
    monkeypatch.delenv("VOICEBOT_DATA", raising=False)
    shutil.copytree(house.settings.data / "models", tmp_path / "data/models")

    def read() -> Settings:
        return Settings.load({"data": str(tmp_path / "data"), "project": str(PROJECT)})

    return lambda: House.open(read(), reread=read)


def test_the_next_call_gets_what_was_chosen_and_the_call_under_way_keeps_its_voice(
    open_house: Callable[[], House], tmp_path: Path
) -> None:
    house = open_house()
    before, hearing = house.voice(8000), house.recogniser
    house.renew()
    assert house.voice(8000) is before
    choose_voice(tmp_path / "data", "en", make_tone_voice(tmp_path / "tone.onnx"))
    assert house.voice(8000) is before
    house.renew()
    after = house.voice(8000)
    assert house.synthesiser is not None
    assert house.synthesiser.name.startswith("piper/tone-")
    text = house.script.responses.fixed_texts()[0]
    assert after is not before
    first, second = before.get(text), after.get(text)
    assert first is not None
    assert second is not None
    assert len(first.samples) != len(second.samples)
    shutil.copytree(PROJECT / "models/vosk-en-8k-mini", tmp_path / "other")
    choose_recogniser(tmp_path / "data", tmp_path / "other")
    house.renew()
    assert house.recogniser is not None
    assert house.recogniser.name == "vosk/other"
    reset(tmp_path / "data")
    house.renew()
    assert hearing is not None
    assert house.recogniser.name == hearing.name
    assert house.synthesiser.name.startswith("espeak")


def test_a_choice_that_cannot_be_loaded_changes_nothing_and_is_said_once(
    open_house: Callable[[], House], tmp_path: Path
) -> None:
    house = open_house()
    before = house.recogniser
    choose_recogniser(tmp_path / "data", tmp_path / "absent")
    with capture_logs() as logs:
        house.renew()
        house.renew()
    assert house.recogniser is before
    assert [line["event"] for line in logs] == ["the chosen engines cannot be loaded; those before go on"]
    assert "There is no speech model" in logs[0]["reason"]


def test_a_running_service_gives_the_chosen_voice_to_the_next_call(
    open_house: Callable[[], House], tmp_path: Path
) -> None:
    house = open_house()
    fixture = load(PROJECT / "audio_fixtures/human/agent_at_once.yml")
    audio = read_audio_at(fixture.audio, fixture.rate).samples

    async def serve() -> list[Call]:
        with house.stored() as stored, LiveCalls(house, stored) as live:
            calls = []
            for name in ("first", "second"):
                leg = FixtureLeg(audio, fixture.rate, fixture.cues, fixture.echo)
                calls.append(await live.add(replace(facts_of(fixture), call_id=name), leg))
                choose_voice(tmp_path / "data", "en", make_tone_voice(tmp_path / "tone.onnx"))
            return calls

    before = house.voice(fixture.rate)
    first, second = asyncio.run(serve())
    assert first._prompts is before
    assert second._prompts is house.voice(fixture.rate)
    assert second._prompts is not before
    assert "voice: piper/tone-" in house.describe()
