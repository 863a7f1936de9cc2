"""Words and keys as values of what was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.call.understanding import HIDDEN, is_whole, key_turn, leading_answer, read_answer, shown_key, user_turn
from voicebot.dialogue.events import AnswerKind, Choice, Expectation, Mention
from voicebot.nlu.interpreter import Entity, IntentScore, Interpretation

NUMBER = Expectation(AnswerKind.DIGITS, "account", length=(4, 8), sensitive=True)
YES_NO = Expectation(AnswerKind.YES_NO, "sure")
CARD = Expectation(
    AnswerKind.CHOICE,
    "card",
    choices=(Choice("debit", ("debit", "debit card"), "1"), Choice("credit", ("credit", "credit card"), "2")),
)
OPEN = Expectation()


@pytest.mark.parametrize(
    ("text", "expectation", "value"),
    [
        ("five double two one", NUMBER, "5221"),
        ("what was that", NUMBER, None),
        ("yes please", YES_NO, "true"),
        ("no thanks", YES_NO, "false"),
        ("when are you open", YES_NO, None),
        ("the debit card no the credit card", CARD, "credit"),
        ("discredited", CARD, None),
        ("yes", OPEN, None),
    ],
)
def test_words_that_fit_the_question(text: str, expectation: Expectation, value: str | None) -> None:
    assert read_answer(text, expectation) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes block it please", "true"),
        ("yes but not the debit card", None),
        ("yes wait what about my other card", None),
        ("no that was my savings account", "false"),
        ("block it", None),
    ],
)
def test_a_yes_that_begins_a_longer_answer_counts_unless_it_is_taken_back(text: str, value: str | None) -> None:
    assert leading_answer(text, YES_NO) == value
    assert leading_answer(text, OPEN) is None


@pytest.mark.parametrize(
    ("key", "expectation", "value"),
    [("1", YES_NO, "true"), ("2", YES_NO, "false"), ("3", YES_NO, None), ("2", CARD, "credit"), ("1", NUMBER, "1")],
)
def test_keys_answer_as_speech_does(key: str, expectation: Expectation, value: str | None) -> None:
    turn = key_turn(key, expectation)
    assert (turn.value, turn.text, turn.keyed, turn.heard) == (value, key, True, 1.0)


@given(st.sampled_from("0123456789*#ABCD"), st.sampled_from([None, NUMBER, YES_NO, CARD, OPEN]))
def test_only_keys_that_choose_among_names_are_ever_written(key: str, expectation: Expectation | None) -> None:
    shown = shown_key(key, expectation)
    assert shown in (key, HIDDEN)
    if shown == key and key.isdigit() and key != "0":
        assert expectation is not None
        assert any(choice.key == key for choice in expectation.choices) or expectation.kind is AnswerKind.YES_NO
    if expectation is None or expectation.kind is AnswerKind.DIGITS:
        assert shown == HIDDEN


def test_when_nothing_more_can_follow() -> None:
    assert is_whole("12345678", NUMBER)
    assert not is_whole("1234", NUMBER), "it may go on"
    assert is_whole("true", YES_NO)
    assert not is_whole("anything", OPEN)
    assert not is_whole(None, YES_NO)


def test_a_turn_holds_all_that_was_understood() -> None:
    entities = (Entity("city", "boston", 12, 18),)
    meaning = Interpretation("yes block the boston card", IntentScore("block_card", 0.7), (), entities, "embedded")
    turn = user_turn(meaning, YES_NO, heard=0.6, over_prompt=True)
    assert (turn.intent, turn.confidence, turn.heard, turn.value) == ("block_card", 0.7, 0.6, "true")
    assert turn.mentions == (Mention("city", "boston"),)
    assert turn.over_prompt
