"""Example phrases as hints for a recogniser."""

from __future__ import annotations

from pathlib import Path

from tests.nlu.conftest import DEMO, WriteProject
from voicebot.nlu.phrases import MOST_PHRASES, example_phrases


def test_examples_come_sorted_as_plain_words_with_other_values(tiny: Path) -> None:
    phrases = example_phrases(tiny)
    assert phrases == tuple(sorted(set(phrases)))
    assert {"hi there", "i want to fly to paris", "i want to fly to oslo", "a flight to oslo please"} <= set(phrases)
    assert "fly me to rome" in phrases


def test_the_most_is_kept_and_every_example_stays(tiny: Path) -> None:
    assert len(example_phrases(tiny, most=10)) == 10
    assert len(example_phrases(tiny, most=1)) == 8


def test_punctuation_figures_and_marks_become_words(write_project: WriteProject) -> None:
    project = write_project(a="nlu:\n  - intent: a\n    examples: |\n      - What’s my PIN? 42!\n      - 😀\n")
    assert example_phrases(project) == ("what's my pin four two",)


def test_the_demo_fills_the_grammar() -> None:
    phrases = example_phrases(DEMO)
    assert len(phrases) == MOST_PHRASES
    assert {"i lost my card", "what are your branch hours", "operator", "hours for seattle"} <= set(phrases)
    assert example_phrases(DEMO) == phrases
