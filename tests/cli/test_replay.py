"""`voicebot replay`: exit code, table, JSON and pictures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import PROJECT
from voicebot.cli.main import run
from voicebot.media.house import House

QUICK = PROJECT / "audio_fixtures" / "turns" / "hangs_up_mid_word"


@pytest.fixture(autouse=True)
def data(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trained model of the other tests, and this repository's project."""
    monkeypatch.setenv("VOICEBOT_DATA", str(house.settings.data))
    monkeypatch.setenv("VOICEBOT_PROJECT", str(PROJECT))


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A fixture that passes, and the same with another expectation, which fails."""
    folder = tmp_path / "suite"
    folder.mkdir()
    for name in ("good", "bad"):
        for ending in (".wav", ".yml"):
            shutil.copy(QUICK.with_suffix(ending), folder / f"{name}{ending}")
    bad = folder / "bad.yml"
    text = bad.read_text("utf-8")
    assert "outcome: abandoned" in text
    bad.write_text(text.replace("outcome: abandoned", "outcome: completed"), "utf-8")
    return folder


def test_a_failed_expectation_is_an_exit_code_and_a_sentence(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", str(suite / "good.wav")]) == 0
    assert "1 passed, 0 failed" in capsys.readouterr().err
    assert run(["replay", str(suite)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "suite/bad: outcome: expected completed, got abandoned" in err
    assert "1 passed, 1 failed" in err


def test_json_on_stdout_is_nothing_but_json(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", str(suite), "--json", "-"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["passed"], report["failed"]) == (1, 1)
    bad, good = report["fixtures"]
    assert (bad["name"], bad["passed"], good["failures"]) == ("suite/bad", False, [])
    assert good["outcome"] == "abandoned"
    assert (good["timeline"][0]["event"], good["timeline"][-1]["event"]) == ("CallStarted", "CallEnded")


def test_results_and_pictures_are_files(suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, drawings = tmp_path / "out.json", tmp_path / "drawings"
    assert run(["replay", str(suite / "good.yml"), "--json", str(out), "--pictures", str(drawings)]) == 0
    assert json.loads(out.read_text("utf-8"))["passed"] == 1
    (svg,) = drawings.iterdir()
    assert svg.name == "suite-good.svg"
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")  # noqa: S314 - we made it
    assert capsys.readouterr().out == ""
