from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.piper_marks import Phonemes, word_marks


def phonemes(words: str, each: int = 10) -> Phonemes:
    """A phoneme a letter, with the silent marks that Piper puts around a sentence."""
    return (("^", 5), *((letter, each) for letter in words), ("$", 5))


def test_as_many_groups_as_words_give_exact_marks() -> None:
    marks = word_marks("hold on, please", phonemes("hld ɒn pliz"), 1000)
    assert [(mark.char, mark.sample) for mark in marks] == [(0, 5), (5, 45), (9, 75)]


def test_joined_words_are_placed_by_their_letters() -> None:
    marks = word_marks("one of the", phonemes("wun ʌvðə"), 1000)
    assert [(mark.char, mark.sample) for mark in marks] == [(0, 5), (4, 25), (7, 55)]


def test_nothing_to_mark() -> None:
    assert word_marks("", phonemes("a"), 100) == ()
    assert word_marks("...", phonemes("a"), 100) == ()
    assert word_marks("hello", (), 100) == ()
    assert word_marks("hello", (("^", 5), ("$", 5)), 100) == ()


@given(text=st.text("ab 1.,", max_size=30), heard=st.text("xyəˈ ", max_size=30), samples=st.integers(0, 500))
def test_marks_are_in_order_and_inside(text: str, heard: str, samples: int) -> None:
    marks = word_marks(text, phonemes(heard), samples)
    assert [mark.sample for mark in marks] == sorted(mark.sample for mark in marks)
    assert len({mark.char for mark in marks}) == len(marks)
    assert all(0 <= mark.char < len(text) and 0 <= mark.sample <= samples for mark in marks)
