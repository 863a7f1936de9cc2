"""Training."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nlu.conftest import DEMO, WriteProject
from voicebot.dialogue.masking import mask_text
from voicebot.nlu.data import TrainingDataError, read_training_data
from voicebot.nlu.embedded import load
from voicebot.nlu.training import TrainingReport, cross_validate, train


def test_a_tiny_project_can_be_trained(tiny: Path, tmp_path: Path) -> None:
    stages: list[str] = []
    report = train(tiny, tmp_path / "model", stages.append)
    assert report.intents == {"fly": 4, "greet": 4}
    assert report.examples == 8
    assert report.accuracy is not None
    assert report.caught is None, "there are no out-of-scope examples"
    assert stages[0] == "reading the examples"
    assert load(tmp_path / "model").parse("a flight to oslo please").intent.name == "fly"


def test_two_examples_are_enough_to_train_and_too_few_to_validate(write_project: WriteProject, tmp_path: Path) -> None:
    project = write_project(
        a="nlu: [{intent: hello, examples: '- hi there'}, {intent: bye, examples: '- so long friend'}]"
    )
    report = train(project, tmp_path / "model", list[str]().append)
    assert report.accuracy is None
    assert len(report.notices) == 2
    assert load(tmp_path / "model").parse("hi there").ranking[0].name == "hello"


def test_one_intent_is_an_error(write_project: WriteProject, tmp_path: Path) -> None:
    project = write_project(a="nlu:\n  - intent: a\n    examples: |\n      - one\n      - two\n")
    with pytest.raises(TrainingDataError, match="only the intent 'a' has examples; write a second one"):
        train(project, tmp_path / "model", list[str]().append)


def test_every_example_is_held_out_once(tiny: Path) -> None:
    held_out = cross_validate(read_training_data(tiny))
    assert sorted(item.intent for item in held_out) == ["fly"] * 4 + ["greet"] * 4


def test_the_demo_cross_validates_well(demo_training: tuple[Path, TrainingReport]) -> None:
    report = demo_training[1]
    assert report.accuracy is not None
    assert report.turned_away is not None
    assert report.caught is not None
    assert report.accuracy > 0.85
    assert report.turned_away < 0.1
    assert report.caught > 0.8
    assert report.notices == ()
    assert set(report.intents) == set(read_training_data(DEMO).intents)


@pytest.mark.usefixtures("demo_training")
def test_logs_show_the_stages_as_they_are(stages: list[str]) -> None:
    assert "cross-validating on the examples of 21 intents" in stages
    assert [mask_text(stage) for stage in stages] == stages
