from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from voicebot.speech.flite import RATES, FliteSynthesiser, version
from voicebot.speech.synthesiser import Synthesiser, SynthesiserError

needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")


@needs_flite
@pytest.mark.parametrize("voice", RATES)
def test_speaks_clause_by_clause(voice: str) -> None:
    synthesiser: Synthesiser = FliteSynthesiser(voice)
    text = "Thank you for calling, please hold. Good bye."
    pieces = list(synthesiser.speak(text))
    assert "".join(piece.text for piece in pieces) == text
    assert len(pieces) == 3
    assert all(piece.rate == RATES[voice] and piece.samples.dtype == np.int16 for piece in pieces)
    assert all(int(np.abs(piece.samples.astype(int)).max()) > 3000 for piece in pieces)
    assert synthesiser.name == f"flite-{version()}/{voice}"


@needs_flite
@pytest.mark.parametrize("text", ["", " ", "...", "😀", "\x00\x01", "-o /tmp/x", "$(reboot)", "\ud800", "Grüße, Ödön!"])
def test_odd_texts_are_spoken_or_passed_over(text: str) -> None:
    assert "".join(piece.text for piece in FliteSynthesiser().speak(text)) == text


@needs_flite
def test_an_unknown_voice_is_named() -> None:
    with pytest.raises(SynthesiserError, match=r"no voice 'klatt'; choose one of kal, kal16"):
        FliteSynthesiser("klatt")


def test_what_is_not_installed_or_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SynthesiserError, match="flite is not installed"):
        FliteSynthesiser()
    assert version() == ""
    broken = tmp_path / "flite"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(SynthesiserError, match="flite failed"):
        list(FliteSynthesiser().speak("hello"))
    broken.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(SynthesiserError, match="flite gave no audio"):
        list(FliteSynthesiser().speak("hello"))
