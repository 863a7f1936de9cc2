"""Training of the entity model."""

from __future__ import annotations

from pathlib import Path

from tests.nlu.conftest import WriteProject
from voicebot.nlu.data import read_training_data
from voicebot.nlu.entity_training import build_gazetteer, fit_entities, labels


def test_phrases_of_lookups_and_their_synonyms_are_known(write_project: WriteProject) -> None:
    project = write_project(
        a="""\
            nlu:
              - intent: a
                examples: |
                  - the [main](branch) branch
                  - the main menu
                  - go [downtown](branch)
              - lookup: branch
                examples: |
                  - Main
                  - city center
              - synonym: city center
                examples: |
                  - downtown
              - synonym: unrelated
                examples: |
                  - thing
            """
    )
    gazetteer = build_gazetteer(read_training_data(project))
    assert gazetteer.entities == {("main",): "branch", ("city", "center"): "branch", ("downtown",): "branch"}
    assert gazetteer.certain == {("city", "center"), ("downtown",)}, "main also stands for something else"
    assert gazetteer.longest == 2


def test_labels_follow_the_annotations(tiny: Path) -> None:
    example = read_training_data(tiny).examples[-1]
    assert example.text == "fly me to the big apple"
    assert labels(example) == ["O", "O", "O", "B-city", "I-city", "I-city"]


def test_training_is_deterministic_and_without_annotations_there_is_no_crf(
    tiny: Path, write_project: WriteProject
) -> None:
    data = read_training_data(tiny)
    first, second = fit_entities(data), fit_entities(data)
    assert first == second
    assert first.crf
    plain = write_project(tiny="nlu:\n  - intent: a\n    examples: |\n      - one\n      - two\n")
    assert fit_entities(read_training_data(plain)).crf == b""
