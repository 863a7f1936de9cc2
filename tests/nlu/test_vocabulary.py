"""Words that a speech model does not know."""

from __future__ import annotations

from pathlib import Path

from tests.nlu.conftest import DEMO, WriteProject
from voicebot.nlu.data import read_training_data
from voicebot.nlu.vocabulary import model_words, phrases_by_intent, unheard

BUNDLED = DEMO.parent / "models" / "vosk-en-8k-mini"


def test_the_words_of_a_model_lie_in_either_of_two_places(tmp_path: Path) -> None:
    known = model_words(BUNDLED)
    assert known is not None
    assert {"balance", "agent", "i'd"} <= known
    assert "savings" not in known
    assert model_words(tmp_path) is None
    (tmp_path / "words.txt").write_text("<eps> 0\nhello 1\n\n")
    assert model_words(tmp_path) == frozenset(("<eps>", "hello"))


def test_unknown_words_of_most_phrases_come_first() -> None:
    phrases = ["Grüezi Bob", "what's up bob bob", "zebra 52", "anne"]
    assert unheard(phrases, {"what's", "up", "five", "two"}) == ("bob", "anne", "grüezi", "zebra")
    assert unheard([], set()) == ()


def test_values_count_only_if_a_table_lists_them(write_project: WriteProject) -> None:
    project = write_project(
        a="""\
            nlu:
              - intent: fly
                examples: |
                  - i am [anne](name) and fly to [oslo](city) on [day](when) one
                  - to [oslo](city)
              - lookup: city
                examples: |
                  - oslo
            """
    )
    assert phrases_by_intent(read_training_data(project)) == {"fly": ("i am  and fly to oslo on  one", "to oslo")}
