"""What calls share is loaded once; what differs from call to call is not shared."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from voicebot.call.facts import CallFacts
from voicebot.media.house import House
from voicebot.qa.replay import Kept
from voicebot.speech.webrtc import WebRtcDetector

FACTS = CallFacts("c", "", "100", datetime(2026, 3, 2, 10, tzinfo=UTC))


def test_prompts_of_a_rate_are_made_once_and_the_fixed_ones_are_ready(house: House) -> None:
    voice = house.voice(8000)
    assert house.voice(8000) is voice
    assert house.voice(16000) is not voice
    for text in house.script.responses.fixed_texts():
        ready = voice.get(text)
        assert ready is not None
        assert ready.rate == 8000


def test_calls_share_engines_but_not_their_conversation(house: House) -> None:
    first, second = house.call(FACTS), house.call(replace(FACTS, call_id="d"))
    assert first._conversation._dialogue is not second._conversation._dialogue
    engines = [house.engines(8000, Kept()) for _ in range(2)]
    assert engines[0].recogniser is engines[1].recogniser
    assert engines[0].voice is engines[1].voice


def test_the_numbers_settings_hold_for_calls_to_it(house: House) -> None:
    facts = house.facts("c", "+15550100", "100", FACTS.started_at)
    number = house.settings.number("100")
    assert (facts.recording, facts.queue) == (number.recording or "off", number.queue)
    assert (facts.language, facts.rate) == (house.settings.language, house.settings.call.rate)


def test_it_says_which_engine_does_what(house: House) -> None:
    said = house.describe()
    assert house.recogniser is not None
    for name in (house.recogniser.name, house.interpreter.name, "silero", "espeak"):
        assert name in said


@pytest.mark.parametrize("plain", [True, False])
def test_a_gate_stands_before_the_dear_detector_only(house: House, plain: bool) -> None:
    with_detector = replace(house, detector=WebRtcDetector() if plain else house.detector)
    assert (with_detector.activity().open(8000).gate is None) is plain


def test_last_words_are_in_memory_before_anything_can_break(house: House) -> None:
    call = house.call(FACTS)
    for words in (call._last_words.stored, call._last_words.lost):
        assert words is not None
        assert house.voice(8000).get(words.text) is not None


def test_a_house_without_speech_chats(house: House) -> None:
    mute = House.open(house.settings, speech=False)
    assert (mute.recogniser, mute.detector, mute.synthesiser) == (None, None, None)
    assert mute.chat(FACTS, lambda package: ("Q-1", 1)).start()
