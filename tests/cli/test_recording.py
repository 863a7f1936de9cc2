from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from tests.store.test_recordings import record
from voicebot.cli import main as cli


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with a recording of three seconds."""
    monkeypatch.chdir(tmp_path)
    record(tmp_path / "D" / "recordings", 150)
    return tmp_path / "D"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `voicebot recording ...`."""
    code = cli.run(["recording", *arguments, "--data", "D"])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_list(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "list", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {"call_id": "c-1", "file": "c-1.rec", "begins_at": "2025-11-21T12:00:00+00:00", "duration_s": 3.0, "rate": 8000}
    ]
    (data / "recordings" / "x.rec").write_bytes(b"something else")
    code, out, err = run(capsys, "list")
    assert (code, out) == (0, "")
    assert "c-1.rec" in err
    assert "x.rec: is no recording" in err


def test_export(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "export", "c-1", "-o", "out.wav") == (0, "", "out.wav: 3.0 s\n")
    with wave.open("out.wav") as wav:
        assert (wav.getnchannels(), wav.getnframes()) == (2, 24000)


def test_mistakes_are_one_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "export", "c-2", "-o", "out.wav")
    assert (code, err) == (
        1,
        "voicebot: there is no recording 'c-2'; voicebot recording list shows what there is\n",
    )
    code, _, err = run(capsys, "export", "c-1", "-o", "nowhere/out.wav")
    assert (code, err) == (1, "voicebot: nowhere/out.wav: No such file or directory\n")
