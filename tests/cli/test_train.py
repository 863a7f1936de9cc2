"""`voicebot train`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nlu.conftest import TINY
from voicebot.cli.main import run
from voicebot.nlu.embedded import load


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, to which the settings point; its state in `var`."""
    directory = tmp_path / "project"
    (directory / "nlu_data" / "data" / "nlu").mkdir(parents=True)
    (directory / "nlu_data" / "data" / "nlu" / "tiny.yml").write_text(TINY)
    monkeypatch.setenv("VOICEBOT_PROJECT", str(directory))
    monkeypatch.setenv("VOICEBOT_DATA", str(tmp_path / "var"))
    return directory


def test_the_report_is_for_reading_and_stdout_stays_empty(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "nlu_data" / "domain.yml").write_text("intents: [greet]\n")
    assert run(["train"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "2 intents, 8 examples, " in err
    assert "% of the examples are understood by a model trained without them" in err
    assert "tiny.yml:11: the intent 'fly' is not in domain.yml" in err.splitlines()[-1]
    assert load(tmp_path / "var" / "models" / "nlu").parse("hi there").intent.name == "greet"


def test_other_directories_may_be_given(project: Path, tmp_path: Path) -> None:
    assert run(["train", "--nlu", str(project / "nlu_data"), "--out", str(tmp_path / "elsewhere")]) == 0
    assert load(tmp_path / "elsewhere").parse("hello").intent.name == "greet"


def test_a_mistake_in_the_data_is_one_sentence_with_its_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "nlu_data" / "data" / "nlu" / "tiny.yml"
    path.write_text("nlu:\n  - intnt: greet\n")
    assert run(["train"]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"voicebot: {path}:2: expected `- intent:`, `- synonym:`, `- lookup:` or `- regex:`"
