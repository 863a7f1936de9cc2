from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.test_main import voicebot
from voicebot.audio.files import read_audio, write_wav

RECORDINGS = Path(__file__).parents[1] / "speech" / "recordings"
DIGITS = sorted(RECORDINGS.glob("digit-*.flac"))
SPOKEN = "zero one two three four five six seven eight nine".split()


def lines(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_one_json_line_a_file_in_order(tmp_path: Path) -> None:
    done = voicebot("transcribe", *map(str, DIGITS), "--hints", "digits", "--json", cwd=tmp_path)
    assert done.returncode == 0
    heard = lines(done.stdout)
    assert [line["file"] for line in heard] == [str(path) for path in DIGITS]
    assert sum(line["text"] == digit for line, digit in zip(heard, SPOKEN, strict=True)) >= 9
    for line, path in zip(heard, DIGITS, strict=True):
        assert set(line) == {"file", "text", "confidence", "words"}
        assert " ".join(word["word"] for word in line["words"]) == line["text"]
        assert 0 <= line["confidence"] <= 1
        assert all(0 <= word["start"] < word["end"] <= read_audio(path).seconds for word in line["words"])


def test_a_bad_file_is_reported_and_the_others_are_done(tmp_path: Path) -> None:
    shutil.copy(DIGITS[7], tmp_path / "seven.flac")
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("no audio", encoding="utf-8")
    names = ["absent.wav", "empty.wav", "text.wav", "seven.flac"]
    done = voicebot("transcribe", *names, "--json", "--hints", "digits", cwd=tmp_path)
    assert done.returncode == 1
    heard = lines(done.stdout)
    assert [line["file"] for line in heard] == names
    assert [line.get("error", "") for line in heard] == [
        "absent.wav does not exist.",
        "empty.wav is empty.",
        "text.wav is not an audio file that can be read; give a WAV or FLAC file.",
        "",
    ]
    assert [line["text"] for line in heard] == ["", "", "", "seven"]
    assert all(f"voicebot: {name}" in done.stderr for name in names[:3])
    assert "Traceback" not in done.stderr


def test_other_formats_are_converted_and_said_so(tmp_path: Path) -> None:
    seven = read_audio(DIGITS[7])
    write_wav(tmp_path / "fast.wav", np.repeat(seven.samples, 2), 16000)
    done = voicebot("transcribe", "fast.wav", "--hints", "digits", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("fast.wav: seven (")
    assert "converted from 16000 to 8000 Hz" in done.stderr


def test_without_hints_the_project_s_phrases_decide(tmp_path: Path) -> None:
    said = voicebot(
        "say", "what is my account balance", "-o", "a.wav", "--voice", "en-us", "--rate", "8000", cwd=tmp_path
    )
    assert said.returncode == 0
    done = voicebot("transcribe", "a.wav", "--json", cwd=tmp_path)
    assert lines(done.stdout)[0]["text"] == "what is my account balance"


def test_hints_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "hints.txt").write_text("Seven!\n\nfrobnicate\n", encoding="utf-8")
    done = voicebot("transcribe", str(DIGITS[7]), "--hints", "hints.txt", "--json", cwd=tmp_path)
    assert lines(done.stdout)[0]["text"] == "seven"
    assert "does not know: frobnicate" in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "There are no hints 'hints.txt': give digits, yes_no, or a file with one phrase a line."),
        (b"\n \n!\n", "hold no phrase"),
        (b"\xff\xfe\x00s", "not UTF-8"),
    ],
)
def test_hints_that_cannot_be_used(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "hints.txt").write_bytes(content)
    done = voicebot("transcribe", str(DIGITS[0]), "--hints", "hints.txt", cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stdout == ""


def test_a_model_that_is_none(tmp_path: Path) -> None:
    done = voicebot("transcribe", str(DIGITS[0]), "--model", ".", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert "The speech model lacks am/final.mdl" in done.stderr
    assert "Traceback" not in done.stderr
