"""An answer in pieces: utterances, groups of digits, keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.call.answer import Answer
from voicebot.call.ear import Utterance
from voicebot.dialogue.events import AnswerKind, Choice, Expectation, Keypad

NUMBER = Expectation(AnswerKind.DIGITS, "n", length=(8, 8), keypad=Keypad(length=8))
NAMES = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))


def said(text: str, answer: Answer, confidence: float = 0.9, over: bool = False, prompts: int = 0) -> None:
    """The caller says something more."""
    answer.add_words(text, confidence, Utterance(1, 0, over, prompts))


@given(st.text("0123456789", min_size=8, max_size=8), st.lists(st.integers(1, 3), min_size=8, max_size=8))
def test_however_it_is_grouped_a_number_is_the_same(number: str, sizes: list[int]) -> None:
    answer, rest, more = Answer(), number, True
    for size in sizes:
        group, rest = rest[:size], rest[size:]
        if group:
            assert more
            said(" ".join(NAMES[digit] for digit in group), answer)
            more = answer.take_group(NUMBER)
    assert (answer.digits, more) == (number, False)


def test_a_number_is_as_sure_as_its_least_sure_group() -> None:
    answer = Answer()
    for words, confidence in (("one two three", 0.3), ("four five six", 0.9), ("seven eight", 0.8)):
        said(words, answer, confidence)
        answer.take_group(NUMBER)
    assert answer.heard == 0.3


def test_what_would_be_too_long_is_the_number_begun_anew() -> None:
    answer = Answer()
    said("one two three four five", answer)
    assert answer.take_group(NUMBER)
    said("nine eight seven six five four three two", answer)
    assert not answer.take_group(NUMBER)
    assert answer.digits == "98765432"


def test_words_that_are_no_number_stay_words() -> None:
    answer = Answer()
    said("what was it again", answer)
    assert not answer.take_group(NUMBER)
    assert (answer.text, answer.digits) == ("what was it again", "")


def test_an_answer_counts_as_spoken_over_the_prompt_if_it_began_so() -> None:
    answer = Answer()
    said("yes", answer, over=True, prompts=2)
    said("please", answer, prompts=3)
    assert (answer.text, answer.over_prompt, answer.prompts) == ("yes please", True, 3)


@pytest.mark.parametrize(
    ("keys", "keypad", "complete"),
    [
        ("12345678", Keypad(length=8), "12345678"),
        ("1234#", Keypad(), "1234"),
        ("12*34#", Keypad(), "34"),
        ("1#2*", Keypad(finish_on_key="*"), "1#2"),
        ("#", Keypad(), None),
        ("123", Keypad(), None),
        ("123456789012345678901234567890", Keypad(), "123456789012345678901234567890"),
    ],
)
def test_keys_end_by_their_number_or_by_the_finishing_key(keys: str, keypad: Keypad, complete: str | None) -> None:
    answer = Answer()
    expectation = Expectation(AnswerKind.DIGITS, "n", length=(1, 30), keypad=keypad)
    ends = [answer.add_key(key, expectation) for key in keys]
    assert not any(ends[:-1])
    assert (answer.keys if ends[-1] else None) == complete


def test_one_key_answers_a_closed_question() -> None:
    answer = Answer()
    assert answer.empty
    assert answer.add_key("2", Expectation(AnswerKind.CHOICE, choices=(Choice("a", ("a",), "2"),)))
    assert answer.keys == "2"
    assert not answer.empty
