"""Yes and no by lexicon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.nlu.yes_no import is_doubtful, leading_yes_no, yes_no, yes_no_phrases


@pytest.mark.parametrize(
    "text",
    [
        "yes", "yeah", "yep that's right", "uh huh", "mm hmm", "correct", "yes please", "Yes, that's correct!",
        "sure go ahead", "okay", "of course", "no problem", "yes yes yes", "um yes", "[noise] yes", "[unk] yes",
        "yes thank you", "i do", "right", "please do", "absolutely", "yes sir",
    ],
)  # fmt: skip
def test_yes(text: str) -> None:
    assert yes_no(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "no", "nope", "no no", "not really", "that's wrong", "that's not right", "no thank you", "no that's all",
        "no that was gonna be it", "nope that's gonna be it thank you", "of course not", "i don't think so",
        "no thank you that was it", "oh no", "absolutely not", "uh no", "no i don't want that", "not now thanks",
    ],
)  # fmt: skip
def test_no(text: str) -> None:
    assert yes_no(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "", "um", "no that was my savings account", "yes i want to block it", "no that's right", "yes that's wrong",
        "no i mean yes", "that's all", "okay thank you", "i don't know", "i have two accounts", "check my balance",
        "yes hello", "yes [unk] [unk]", "not my credit card",
    ],
)  # fmt: skip
def test_more_than_an_answer_or_none(text: str) -> None:
    assert yes_no(text) is None


@pytest.mark.parametrize(
    ("text", "answer", "rest"),
    [
        ("no that was my savings account", False, "that was my savings account"),
        ("Yes, block it please", True, "block it please"),
        ("yes i do want it", True, "i do want it"),
        ("no thank you i want an agent", False, "i want an agent"),
        ("yes please", True, ""),
        ("okay", True, ""),
        ("okay my account number is five", None, "okay my account number is five"),
        ("i don't know my number", None, "i don't know my number"),
        ("no i mean yes", None, "no i mean yes"),
        ("no that's right do it", None, "no that's right do it"),
        ("no it is my debit card", False, "it is my debit card"),
        ("no that is not correct at all", False, "at all"),
        ("yes no problem block it", True, "block it"),
        ("actually yes block it", True, "block it"),
        ("yes block it no", None, "yes block it no"),
        ("yes but only the debit card", None, "yes but only the debit card"),
        ("yes i don't need it", None, "yes i don't need it"),
        ("no block it yes", None, "no block it yes"),
        ("no yes of", None, "no yes of"),
        ("check my balance", None, "check my balance"),
    ],
)
def test_a_leading_answer_and_the_rest(text: str, answer: bool | None, rest: str) -> None:
    found = leading_yes_no(text)
    assert (found.answer, found.rest) == (answer, rest)


@pytest.mark.parametrize(
    "text",
    [
        "yes not", "yes not really", "yes that's wrong", "no yes of", "yes not sorry", "yes no", "no yes",
        "no wait yes", "yes no wait no", "yes block it no", "no block it yes", "not yes", "okay no",
        "yes i do not want that",
    ],
)  # fmt: skip
def test_words_that_hold_both_are_no_answer_and_never_a_yes(text: str) -> None:
    assert yes_no(text) is None
    assert leading_yes_no(text).answer is None
    assert is_doubtful(text, answer=True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", True), ("yes please block it", True), ("sure why not", True), ("yes no problem go ahead", True),
        ("well actually yes", True), ("no", False), ("no don't block it", False), ("no that's not right", False),
        ("not correct", False), ("no i certainly want to keep my card", False), ("don't block it", False),
        ("no it is my debit card", False),
    ],
)  # fmt: skip
def test_clear_answers_are_not_doubtful(text: str, answer: bool) -> None:
    assert not is_doubtful(text, answer=answer)


def test_the_phrases_for_a_grammar_are_answers() -> None:
    phrases = yes_no_phrases()
    assert {"yes", "no", "okay", "that's wrong"} <= set(phrases)
    assert all(yes_no(phrase) is not None for phrase in phrases)


@given(st.text())
def test_any_text_is_an_answer_or_not(text: str) -> None:
    answer = yes_no(text)
    leading = leading_yes_no(text)
    assert answer in (True, False, None)
    assert leading.answer is answer if answer is not None else leading.rest in text
    assert answer is None or not is_doubtful(text, answer=answer)
