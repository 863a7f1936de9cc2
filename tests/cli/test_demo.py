"""`voicebot demo`: a recorded caller, served in real time by the real engines, ends in the queue."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from voicebot.cli.demo import DEFAULT
from voicebot.cli.main import run
from voicebot.media.house import House

SHORT = PROJECT / "audio_fixtures" / "human" / "zero_key.yml"


def test_a_caller_is_served_from_greeting_to_queue(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("models", "cache"):
        (data / name).symlink_to(house.settings.data / name)
    monkeypatch.setenv("VOICEBOT_DATA", str(data))
    monkeypatch.setenv("VOICEBOT_PROJECT", str(PROJECT))
    started = time.monotonic()
    assert run(["demo", str(SHORT)]) == 0
    assert time.monotonic() - started > 5, "in real time"
    out, err = capsys.readouterr()
    assert out == ""
    for part in ("bot  ", "caller 0  (key)", "handed off as Q-", "what the human gets", "Talk to it yourself"):
        assert part in err
    assert run(["queue", "list", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["reason"] == "user_request"


def test_the_default_caller_is_in_the_repository() -> None:
    assert (PROJECT / DEFAULT).is_file()
    assert (PROJECT / DEFAULT).with_suffix(".wav").is_file()
