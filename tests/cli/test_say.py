from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_main import voicebot
from voicebot.audio.files import read_audio


@pytest.mark.parametrize("rate", [8000, 16000, 22050])
def test_a_text_becomes_a_wav_file(tmp_path: Path, rate: int) -> None:
    done = voicebot("say", "Hello there. How are you?", "-o", "out.wav", "--rate", str(rate), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == ""
    with wave.open(str(tmp_path / "out.wav")) as written:
        assert (written.getframerate(), written.getnchannels(), written.getsampwidth()) == (rate, 1, 2)
    audio = read_audio(tmp_path / "out.wav")
    assert 1 < audio.seconds < 4
    assert 4000 < int(np.abs(audio.samples.astype(int)).max()) < 30000


def test_the_same_text_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        assert voicebot("say", "Good bye", "-o", name, cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("", "-o", "out.wav"), 1, "There is nothing to say"),
        (("...", "-o", "out.wav"), 1, "There is nothing to say"),
        (("hello", "-o", "absent/out.wav"), 1, "absent/out.wav cannot be written: No such file or directory."),
        (("hello", "-o", "."), 1, "cannot be written: Is a directory."),
        (("hello", "-o", "out.wav", "--voice", "en-us+klat4"), 1, "close ones are klatt4"),
        (("hello", "-o", "out.wav", "--rate", "11025"), 2, "11025"),
        (("hello",), 2, "-o"),
    ],
)
def test_what_cannot_be_said(tmp_path: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    done = voicebot("say", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.wav").exists()
