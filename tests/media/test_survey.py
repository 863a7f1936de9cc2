from __future__ import annotations

from pathlib import Path

from tests.speech.tone_voice import make_tone_voice
from voicebot.media.house import House
from voicebot.media.survey import survey
from voicebot.settings import SpeechSettings, VoiceSettings


def test_every_job_has_one_engine_that_serves_and_is_measured(house: House) -> None:
    engines = list(survey(house.settings))
    serving = [engine for engine in engines if engine.chosen]
    assert [engine.job for engine in serving] == ["hearing", "voice activity", "understanding", "voice"]
    assert all(engine.installed and engine.speed and not engine.problem and engine.version for engine in serving)
    assert all(engine.licence for engine in engines)
    assert serving[0].model == "vosk-en-8k-mini"
    assert serving[0].licence == "CC-BY-SA-4.0"
    assert {"rasa", "piper", "flite", "webrtc"} <= {engine.engine for engine in engines if not engine.chosen}


def test_without_measuring_nothing_is_loaded(house: House) -> None:
    assert [engine.speed for engine in survey(house.settings, measure=False) if engine.speed] == []


def test_a_chosen_engine_that_cannot_serve_says_why(house: House, tmp_path: Path) -> None:
    speech = SpeechSettings(model=tmp_path / "absent", voices={"en": VoiceSettings(synthesiser="flite", voice="klatt")})
    engines = list(survey(house.settings.model_copy(update={"speech": speech})))
    hearing, voice = (
        next(engine for engine in engines if engine.job == job and engine.chosen) for job in ("hearing", "voice")
    )
    assert "There is no speech model" in hearing.problem
    assert "flite" in voice.problem or not voice.installed


def test_a_piper_voice_is_named_and_measured(house: House, tmp_path: Path) -> None:
    voice = VoiceSettings(synthesiser="piper", voice=str(make_tone_voice(tmp_path / "tone.onnx")))
    settings = house.settings.model_copy(update={"speech": SpeechSettings(voices={"en": voice})})
    piper = next(engine for engine in survey(settings) if engine.engine == "piper")
    assert (piper.chosen, piper.model) == (True, "tone.onnx")
    assert "s per second of speech" in piper.speed
