"""Account numbers, keyed or spoken, stay out of everything that a command writes or says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_main import VOICEBOT
from tests.conftest import PROJECT
from tests.leaks import leaks, leaks_in_files
from voicebot.media.house import House

KEYED, SPOKEN = "70352846", "31620594"


@pytest.fixture
def data(house: House, tmp_path: Path) -> Path:
    """A data directory with a trained model and nothing else."""
    (tmp_path / "data" / "models").mkdir(parents=True)
    (tmp_path / "data" / "models" / "nlu").symlink_to(house.settings.data / "models" / "nlu")
    return tmp_path / "data"


def run(data: Path, *arguments: object, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """A command with all its logs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICEBOT_")}
    told = {"VOICEBOT_DATA": str(data), "VOICEBOT_LOGS__LEVEL": "debug", **variables}
    line = [str(VOICEBOT), *map(str, arguments)]
    return subprocess.run(
        line, cwd=PROJECT, env=kept | told, input=stdin, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_replay_tells_no_account_number(data: Path, tmp_path: Path, form: str) -> None:
    suite, out = PROJECT / "audio_fixtures", tmp_path / "out"
    callers = ["bank/balance_by_keypad", "bank/balance_by_voice", "bank/number_corrected", "turns/digits_in_groups"]
    out.mkdir()
    files = [suite / f"{name}.yml" for name in callers]
    done = run(data, "replay", *files, "--json", out / "out.json", "--pictures", out, VOICEBOT_LOGS__FORMAT=form)
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "out.json").read_text("utf-8"))
    assert {caller["slots"]["account_number"] for caller in report["fixtures"]} == {"••••2846", "••••0594"}
    for number in (KEYED, SPOKEN):
        assert not leaks(number, done.stdout, done.stderr)
        assert not leaks_in_files(number, out, data, but=("models",))


CONVERSATION = f"""what is my balance
{KEYED}
my account number is {SPOKEN}
what is my balance and my number is three one six two zero five nine four
3162 0594
my card is 4111 1111 1111 1111
agent
"""


def test_a_chat_writes_no_account_number_down(data: Path) -> None:
    done = run(data, "chat", "--caller", "+15550100", stdin=CONVERSATION)
    assert done.returncode == 0, done.stderr
    (entry,) = json.loads(run(data, "queue", "list", "--json").stdout)
    shown = run(data, "queue", "show", entry["id"])
    as_json = run(data, "queue", "show", entry["id"], "--json")
    for number in (KEYED, SPOKEN, "4111111111111111"):
        assert not leaks(number, done.stdout, done.stderr, shown.stdout, shown.stderr, as_json.stdout)
        assert not leaks_in_files(number, data, but=("models",))
    assert "••••" in shown.stdout + shown.stderr


def test_a_number_given_in_pieces_where_it_is_asked_for_is_masked_too(data: Path) -> None:
    pieces = "what is my balance\nseven zero three\nfive two eight\nfour six\nagent\n"
    assert run(data, "chat", stdin=pieces).returncode == 0
    (entry,) = json.loads(run(data, "queue", "list", "--json").stdout)
    said = [turn["text"] for turn in entry["transcript"] if turn["speaker"] == "caller"]
    assert not any(word in " ".join(said) for word in ("seven", "three", "eight", "six"))


def test_keys_pressed_where_none_were_asked_for_are_not_written_down(data: Path) -> None:
    assert run(data, "chat", stdin="\n".join("48213967") + "\nagent\n").returncode == 0
    (entry,) = json.loads(run(data, "queue", "list", "--json").stdout)
    said = [turn["text"] for turn in entry["transcript"] if turn["speaker"] == "caller"]
    assert not leaks("48213967", " ".join(said))


def test_a_broken_database_keeps_the_secret(data: Path) -> None:
    (data / "voicebot.db").write_bytes(b"no database")
    done = run(data, "chat", stdin=CONVERSATION)
    assert done.returncode == 1
    assert not leaks(KEYED, done.stdout, done.stderr)
