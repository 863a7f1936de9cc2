"""`voicebot train`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.dialogue.conversing import ROOT
from tests.dialogue.small import DOMAIN as SMALL_DOMAIN
from tests.dialogue.small import project as small_project
from tests.nlu.conftest import TINY
from voicebot.cli.main import run
from voicebot.nlu.embedded import load

DOMAIN = SMALL_DOMAIN.replace("intents: [", "intents: [greet, fly, ").replace(
    "entities: [", "entities: [city, number, "
)
FLOWS = """
    flows:
      a:
        nlu_trigger: [{intent: a}]
        phrases: [elephant]
        steps:
          - collect: size
          - action: utter_hello
"""


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
    assert "/nlu_data/flows, so only the training data is checked\n" in err
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


@pytest.fixture
def whole_project(project: Path) -> Path:
    """The small project with flows, prompts and the bundled speech model."""
    small_project(project / "nlu_data", FLOWS, domain=DOMAIN)
    shutil.move(project / "nlu_data" / "prompts", project / "prompts")
    (project / "models").mkdir()
    (project / "models" / "vosk-en-8k-mini").symlink_to(ROOT / "models" / "vosk-en-8k-mini")
    (project / "voicebot.toml").write_text('actions = "voicebot.bank.actions"\n')
    return project


def test_flows_domain_and_prompts_are_checked_first(whole_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = whole_project / "nlu_data" / "flows" / "small.yml"
    path.write_text(path.read_text().replace("utter_hello", "utter_helo"))
    assert run(["train"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith(f"voicebot: {path}:")
    assert "the response 'utter_helo' is not in" in lines[-1]
    assert lines[:-1] == ["checking flows, domain and prompts"]


def test_a_recording_that_cannot_be_played_is_an_error(whole_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audio = whole_project / "prompts" / "en" / "audio"
    audio.mkdir()
    (audio / "utter_hello.wav").write_bytes(b"no audio at all")
    assert run(["train"]) == 1
    assert "utter_hello.wav is not an audio file that can be read" in capsys.readouterr().err


def test_an_action_that_does_not_exist_is_an_error(whole_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = whole_project / "nlu_data" / "flows" / "small.yml"
    path.write_text(path.read_text().replace("action: utter_hello", "action: action_work"))
    assert run(["train"]) == 1
    assert "the flows run actions that do not exist: action_work" in capsys.readouterr().err


def test_what_is_never_used_is_a_warning(whole_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompts = whole_project / "prompts" / "en"
    (prompts / "more.yml").write_text("responses:\n  utter_ask_size_repromt:\n    - text: What size?\n")
    (prompts / "audio").mkdir()
    (prompts / "audio" / "utter_hello.mp3").touch()
    assert run(["train"]) == 0
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert (
        f"warning: {prompts}/audio/utter_hello.mp3:1:1: this file is not played; save it as utter_hello.wav" in warnings
    )
    assert any(
        f"{prompts}/more.yml:3:" in line and line.endswith("did you mean 'utter_ask_size_reprompt'?")
        for line in warnings
    )
    assert not any("utter_call_ends" in line for line in warnings)


def test_words_that_cannot_be_heard_are_shown_by_intent(
    whole_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = whole_project / "nlu_data" / "data" / "nlu" / "more.yml"
    strange = [f"word{letter}" for letter in "abcdefghijkl"]
    more.write_text(f"nlu:\n  - intent: fly\n    examples: |\n      - {' '.join(strange)}\n")
    assert run(["train"]) == 0
    table = {line.split()[0]: line for line in capsys.readouterr().err.splitlines() if line.strip()}
    assert table["intent"].endswith("words that the speech model cannot hear")
    assert table["greet"].split() == ["greet", "4"]
    assert table["fly"].split(maxsplit=2)[2].startswith("18: fly, paris, ")
    assert table["fly"].endswith(", ...")
    assert table["fly"].count(",") == 10
    assert table["(flows)"].split() == ["(flows)", "2:", "elephant,", "human"]
    assert run(["train", "--words"]) == 0
    assert "wordl" in capsys.readouterr().err


def test_training_data_elsewhere_is_all_that_is_checked(
    whole_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (whole_project / "nlu_data" / "flows" / "small.yml").write_text("flows: 3\n")
    assert run(["train", "--nlu", str(whole_project / "nlu_data"), "--out", str(tmp_path / "elsewhere")]) == 0
    assert "checking" not in capsys.readouterr().err
