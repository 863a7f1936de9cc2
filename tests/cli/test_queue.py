from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.centre.packages import package
from voicebot.centre.queue import CallQueue
from voicebot.cli import main as cli
from voicebot.store.database import Database


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory in whose queue one caller waits."""
    monkeypatch.chdir(tmp_path)
    with Database.open(tmp_path / "D") as database:
        CallQueue(database).store(package())
    return tmp_path / "D"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `voicebot queue ...`."""
    code = cli.run(["queue", *arguments, "--data", "D"])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_list_is_json_on_stdout(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "list", "--json")
    (entry,) = json.loads(out)
    assert (code, err) == (0, "")
    assert (entry["state"], entry["reason"], entry["call_id"]) == ("waiting", "user_request", "c-1")
    assert entry["transcript"][1]["text"] == "an agent please"
    assert 0 <= entry["waited_s"] < 60


def test_a_call_goes_from_waiting_to_resolved(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = json.loads(run(capsys, "list", "--json")[1])[0]["id"]
    code, out, _ = run(capsys, "take", entry, "--agent", "mia", "--json")
    assert (code, json.loads(out)["taken_by"]) == (0, "mia")
    code, out, err = run(capsys, "take", entry, "--agent", "tom")
    assert (code, out) == (1, "")
    assert err == f"voicebot: {entry} is already taken, by mia; take another, or ask mia\n"
    code, out, err = run(capsys, "resolve", entry, "--agent", "mia", "--note", "done")
    assert (code, out, err) == (0, "", f"{entry} is resolved by mia\n")
    assert json.loads(run(capsys, "show", entry, "--json")[1])["note"] == "done"
    assert json.loads(run(capsys, "list", "--state", "waiting", "--json")[1]) == []


def test_people_read_it_on_stderr(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = json.loads(run(capsys, "list", "--json")[1])[0]["id"]
    _, out, listed = run(capsys, "list")
    _, out_too, shown = run(capsys, "show", entry)
    assert out == out_too == ""
    assert entry in listed
    assert "waiting" in listed
    for piece in (
        "an agent please",
        "heard 92%, human 97%",
        "account_number = ••••4321",
        "0:02  caller",
        "0:21: user_request",
    ):
        assert piece in shown


def test_without_an_agent_it_is_the_user(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    entry = json.loads(run(capsys, "list", "--json")[1])[0]["id"]
    assert json.loads(run(capsys, "take", entry, "--json")[1])["taken_by"] == "ada"


def test_an_empty_queue(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "list", "--json") == (0, "[]\n", "")
    assert run(capsys, "list") == (0, "", "Nobody waits.\n")


def test_mistakes_are_one_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "show", "Q-0000") == (
        1,
        "",
        "voicebot: there is no Q-0000 in the queue; voicebot queue list shows what there is\n",
    )
    assert run(capsys, "list", "--state", "asleep")[0] == 2
    (data / "voicebot.db").write_bytes(b"no database" * 99)
    code, out, err = run(capsys, "list")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "is damaged or no database" in err


def test_reading_goes_on_while_another_program_writes(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_STORE__DEADLINE_S", "0.1")
    other = sqlite3.connect(data / "voicebot.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    code, out, _ = run(capsys, "list", "--json")
    entry = json.loads(out)[0]["id"]
    assert code == 0
    code, _, err = run(capsys, "take", entry)
    assert (code, err.count("\n")) == (1, 1)
    assert "is busy: another program holds it" in err
    other.close()
