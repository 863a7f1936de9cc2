from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.speech.tone_voice import make_tone_voice
from voicebot.media import load
from voicebot.settings import Settings, SpeechSettings, VoiceSettings


def settings(language: str, **voices: VoiceSettings) -> Settings:
    return Settings(language=language, speech=SpeechSettings(voices=voices))


def test_each_language_has_its_own_voice_and_settings(tmp_path: Path) -> None:
    voice = VoiceSettings(
        synthesiser="piper", voice=str(make_tone_voice(tmp_path / "tone.onnx")), length_scale=1.5, noise_scale=0
    )
    assert load.synthesiser(settings("de", de=voice)).name.endswith("/-/1.5/0/-")
    assert load.synthesiser(settings("en", de=voice)).name.startswith("espeak-ng")
    slow = sum(len(piece.samples) for piece in load.synthesiser(settings("de", de=voice)).speak("hello"))
    normal = voice.model_copy(update={"length_scale": None})
    assert slow > 1.2 * sum(len(piece.samples) for piece in load.synthesiser(settings("de", de=normal)).speak("hello"))


@pytest.mark.parametrize(("language", "voice"), [("en", "en-us+klatt4"), ("de", "de"), ("hu", "hu"), ("zh", "cmn")])
def test_behind_every_other_voice_stands_espeak_ng_in_the_same_language(language: str, voice: str) -> None:
    standby = load.standby(settings(language, **{language: VoiceSettings(synthesiser="piper", voice="v.onnx")}))
    assert standby is not None
    assert f"/{voice}/" in standby.name
    assert load.standby(settings(language)) is None


def test_a_language_that_nobody_speaks_has_no_standby() -> None:
    assert load.standby(settings("xx", xx=VoiceSettings(synthesiser="flite", voice="slt"))) is None


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_flite_is_a_choice() -> None:
    assert load.synthesiser(settings("en", en=VoiceSettings(synthesiser="flite", voice="rms"))).name.endswith("/rms")
