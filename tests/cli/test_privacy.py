"""Account numbers, keyed or spoken, stay out of everything that a command writes or says."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.leaks import leaks, leaks_in_files
from voicebot.cli import main as cli
from voicebot.media.house import House

KEYED, SPOKEN = "70352846", "31620594"


@pytest.fixture
def data(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with nothing but a trained model and the prompts; all logs are written."""
    for name in [name for name in os.environ if name.startswith("VOICEBOT_")]:
        monkeypatch.delenv(name)
    house.voice(8000)
    (tmp_path / "data").mkdir()
    for name in ("models", "cache"):
        (tmp_path / "data" / name).symlink_to(house.settings.data / name)
    monkeypatch.setenv("VOICEBOT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VOICEBOT_PROJECT", str(PROJECT))
    monkeypatch.setenv("VOICEBOT_LOGS__LEVEL", "debug")
    return tmp_path / "data"


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(data: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command: exit code, stdout and stderr."""

    def run(*arguments: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = cli.run([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return run


def handed_off(run: Run) -> dict[str, Any]:
    """The only entry of the queue."""
    (entry,) = json.loads(run("queue", "list", "--json")[1])
    assert isinstance(entry, dict)
    return entry


def said_by_caller(run: Run) -> list[str]:
    """The caller's lines in it."""
    return [turn["text"] for turn in handed_off(run)["transcript"] if turn["speaker"] == "caller"]


def kept(data: Path) -> tuple[Path, Path]:
    """Where a command may have left something."""
    return data, (data / "cache").resolve()


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_replay_tells_no_account_number(
    data: Path, tmp_path: Path, run: Run, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_LOGS__FORMAT", form)
    callers = ["bank/balance_by_keypad", "bank/balance_by_voice", "bank/number_corrected", "turns/digits_in_groups"]
    files = [PROJECT / "audio_fixtures" / f"{name}.yml" for name in callers]
    out = tmp_path / "out"
    code, said, told = run("replay", *files, "--json", tmp_path / "out.json", "--pictures", out)
    assert code == 0, told
    report = (tmp_path / "out.json").read_text("utf-8")
    assert {each["slots"]["account_number"] for each in json.loads(report)["fixtures"]} == {"••••2846", "••••0594"}
    for number in (KEYED, SPOKEN):
        assert not leaks(number, said, told, report)
        assert not leaks_in_files(number, out, *kept(data), but=("models",))


CONVERSATION = f"""what is my balance
{KEYED}
my account number is {SPOKEN}
what is my balance and my number is three one six two zero five nine four
3162 0594
my card is 4111 1111 1111 1111
agent
"""


def test_a_chat_writes_no_account_number_down(data: Path, run: Run) -> None:
    code, *told = run("chat", "--caller", "+15550100", stdin=CONVERSATION)
    assert code == 0
    entry = handed_off(run)
    shown = [*run("queue", "show", entry["id"])[1:], *run("queue", "show", entry["id"], "--json")[1:]]
    assert "••••" in "".join(shown)
    for number in (KEYED, SPOKEN, "4111111111111111"):
        assert not leaks(number, *told, *shown)
        assert not leaks_in_files(number, *kept(data), but=("models",))


def test_a_number_given_in_pieces_where_it_is_asked_for_is_masked_too(run: Run) -> None:
    run("chat", stdin="what is my balance\nseven zero three\nfive two eight\nfour six\nagent\n")
    said = " ".join(said_by_caller(run))
    assert said.startswith("what is my balance ••••")
    assert not any(word in said for word in ("seven", "three", "eight", "six"))


def test_keys_pressed_where_none_were_asked_for_are_not_written_down(run: Run) -> None:
    run("chat", stdin="\n".join("48213967") + "\nagent\n")
    assert said_by_caller(run)
    assert not leaks("48213967", " ".join(said_by_caller(run)))


def test_an_error_does_not_quote_the_caller(data: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise ValueError(CONVERSATION)

    monkeypatch.setattr("voicebot.media.chat.Chat._package", full)
    code, *told = run("chat", stdin=CONVERSATION)
    assert code == 1
    assert not leaks(KEYED, *told)
