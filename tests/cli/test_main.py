from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from voicebot.cli import main as cli
from voicebot.errors import VoicebotError

VOICEBOT = Path(sys.executable).with_name("voicebot")


def voicebot(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VOICEBOT_")} | variables
    return subprocess.run(
        [VOICEBOT, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_lists_every_command_and_imports_none(tmp_path: Path) -> None:
    done = voicebot("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert all(name in done.stdout for name in cli.COMMANDS)
    code = "import sys; from voicebot.cli import main; main.run(['--help']); print(sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("numpy", "pydantic", "sqlalchemy", "sklearn", "vosk"):
        assert f"'{heavy}'" not in modules


def test_version(tmp_path: Path) -> None:
    assert voicebot("--version", cwd=tmp_path).stdout.startswith("voicebot 0.")


@pytest.mark.parametrize(
    ("line", "ordered"),
    [
        ("queue list --data D --json", "--data D queue list --json"),
        ("--project=P queue --data=D list", "--project=P --data=D queue list"),
        ("say -o x -- --data", "say -o x -- --data"),
        ("queue list --data", "--data queue list"),
    ],
)
def test_the_shared_options_may_stand_anywhere(line: str, ordered: str) -> None:
    assert cli.shared_first(line.split()) == ordered.split()


def test_the_command_is_found_behind_the_shared_options() -> None:
    assert cli.command_in(["--data", "queue", "--project=x", "say", "list"]) == "say"
    assert cli.command_in(["--help"]) is None


def test_data_given_behind_the_command_counts(tmp_path: Path) -> None:
    done = voicebot("settings", "--json", "--data", "D", cwd=tmp_path, VOICEBOT_DATA="E")
    assert f'"data": {{"value": "{tmp_path}/D", "from": "command line"}}' in done.stdout
    assert done.returncode == 0


def test_wrong_usage_is_2_and_a_failure_is_one_sentence_and_1(tmp_path: Path) -> None:
    assert voicebot("dance", cwd=tmp_path).returncode == 2
    assert voicebot("settings", "--colour", cwd=tmp_path).returncode == 2
    done = voicebot("settings", cwd=tmp_path, VOICEBOT_DTA="x")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "voicebot: VOICEBOT_DTA: unknown setting 'dta'; did you mean data?\n"


def test_the_trace_is_shown_only_to_who_asks(tmp_path: Path) -> None:
    assert "Traceback" in voicebot("settings", cwd=tmp_path, VOICEBOT_DTA="x", VOICEBOT_DEBUG="1").stderr
    assert "Traceback" not in voicebot("settings", cwd=tmp_path, VOICEBOT_DTA="x", VOICEBOT_DEBUG="0").stderr


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [VOICEBOT, "settings", "--json"], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (VoicebotError("no model at models/x; run voicebot train"), "no model at models/x; run voicebot train"),
        (FileNotFoundError(2, "No such file or directory", "a.wav"), "a.wav: No such file or directory"),
        (KeyError("slot"), "internal error (KeyError: 'slot'); VOICEBOT_DEBUG=1 shows where it arose"),
    ],
)
def test_every_failure_has_a_sentence(error: Exception, said: str) -> None:
    assert cli.sentence(error) == said


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([name, "--help"]) == 0
    assert f"Usage: voicebot {name}" in capsys.readouterr().out


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_process_without_some_of_its_streams_works(closed: str, tmp_path: Path) -> None:
    line = f"{VOICEBOT} queue list --json --data {tmp_path} {closed}; echo $? >{tmp_path}/code"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (tmp_path / "code").read_text() == "0\n"
    assert done.stderr == ""
    assert done.stdout == ("" if ">&-" in closed.split() else "[]\n")
