"""`voicebot chat`: the bot's lines on stdout, everything else on stderr, and the hand-off in the queue."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from voicebot.cli.main import run
from voicebot.media.house import House


@pytest.fixture(autouse=True)
def data(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state of its own with the trained model of the other tests."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(house.settings.data / "models")
    monkeypatch.setenv("VOICEBOT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VOICEBOT_PROJECT", str(PROJECT))


def chat(
    lines: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[list[str], str]:
    """The bot's lines for these of the caller, and stderr."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    assert run(["chat", "--caller", "+15550100"]) == 0
    out, err = capsys.readouterr()
    assert all(line.startswith("bot  > ") for line in out.splitlines())
    return [line.removeprefix("bot  > ") for line in out.splitlines()], err


def test_from_a_question_to_the_human_queue(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said, err = chat(["when are you open", "i want to talk to someone", "not read"], monkeypatch, capsys)
    assert any("nine to five" in line for line in said)
    assert "handed off: user_request, queue general (Q-" in err
    assert run(["queue", "list", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["caller"] == "+15550100"
    assert entry["reason"] == "user_request"
    assert f"voicebot queue show {entry['id']}" in err


def test_the_end_of_the_input_hangs_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said, err = chat([], monkeypatch, capsys)
    assert said, "the greeting"
    assert "you hung up" in err
    assert run(["queue", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
