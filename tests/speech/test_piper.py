from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.speech.tone_voice import SAMPLE_RATE, make_tone_voice
from voicebot.speech.piper import PEAK, PiperSynthesiser
from voicebot.speech.synthesiser import Synthesiser, SynthesiserError


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tone_voice(tmp_path_factory.mktemp("voice") / "tone.onnx")


def test_speaks_clause_by_clause_with_pauses_between(voice: Path) -> None:
    synthesiser: Synthesiser = PiperSynthesiser(voice)
    text = "Thank you for calling, please hold. Good bye."
    pieces = list(synthesiser.speak(text))
    assert "".join(piece.text for piece in pieces) == text
    assert len(pieces) == 3
    assert all(piece.rate == SAMPLE_RATE and piece.samples.dtype == np.int16 for piece in pieces)
    assert not pieces[0].samples[-int(0.1 * SAMPLE_RATE) :].any()
    assert max(int(np.abs(piece.samples).max()) for piece in pieces) == pytest.approx(PEAK * 32767, abs=2)


def test_slower_is_longer_and_has_another_name(voice: Path) -> None:
    normal, slow = PiperSynthesiser(voice), PiperSynthesiser(voice, length_scale=1.5)
    assert normal.name != slow.name
    lengths = [len(next(synthesiser.speak("hello")).samples) for synthesiser in (normal, slow)]
    assert lengths[1] > 1.2 * lengths[0]


@pytest.mark.parametrize("text", ["", " ", "...", "😀", "\x00\x01", "[[h@l@U]]", "\ud800"])
def test_odd_texts_are_spoken_or_passed_over(voice: Path, text: str) -> None:
    assert "".join(piece.text for piece in PiperSynthesiser(voice).speak(text)) == text


def test_a_missing_or_broken_voice_is_named(voice: Path, tmp_path: Path) -> None:
    with pytest.raises(SynthesiserError, match=r"absent\.onnx does not exist"):
        PiperSynthesiser(tmp_path / "absent.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a graph")
    with pytest.raises(SynthesiserError, match=r"broken\.onnx\.json does not exist"):
        PiperSynthesiser(broken)
    beside = tmp_path / "broken.onnx.json"
    beside.write_text("{", encoding="utf-8")
    with pytest.raises(SynthesiserError, match="cannot be read as JSON"):
        PiperSynthesiser(broken)
    beside.write_text("[]", encoding="utf-8")
    with pytest.raises(SynthesiserError, match="not the settings"):
        PiperSynthesiser(broken)
    beside.write_text((voice.parent / "tone.onnx.json").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(SynthesiserError, match=r"broken\.onnx is not a Piper voice"):
        PiperSynthesiser(broken)
    beside.write_text("{}", encoding="utf-8")
    broken.write_bytes(voice.read_bytes())
    with pytest.raises(SynthesiserError, match="lacks 'num_symbols'"):
        PiperSynthesiser(broken)
