"""What the recogniser listens for, question by question."""

from __future__ import annotations

import pytest

from voicebot.call.hints import hints_for
from voicebot.dialogue.events import AnswerKind, Choice, Expectation

EXAMPLES = ("when are you open", "i lost my card")
COMMANDS = ("agent", "repeat that")
CARD = Expectation(AnswerKind.CHOICE, "card", choices=(Choice("debit", ("debit card",)), Choice("credit", ("credit",))))


@pytest.mark.parametrize(
    ("expectation", "listens_for", "not_for"),
    [
        (Expectation(), {"when are you open", "agent"}, {"debit card"}),
        (Expectation(slot="anything_else"), {"i lost my card", "yes", "no", "repeat that"}, {"debit card"}),
        (Expectation(AnswerKind.DIGITS, "n"), {"seven", "double seven", "agent"}, {"when are you open"}),
        (Expectation(AnswerKind.YES_NO, "y"), {"yes", "nope", "agent"}, {"when are you open", "seven"}),
        (CARD, {"debit card", "credit", "yes", "agent"}, {"when are you open", "seven"}),
    ],
)
def test_every_question_listens_for_its_answers_and_the_commands(
    expectation: Expectation, listens_for: set[str], not_for: set[str]
) -> None:
    phrases = set(hints_for("en", EXAMPLES, COMMANDS)(expectation).phrases)
    assert listens_for <= phrases
    assert not not_for & phrases


def test_the_same_question_gets_the_same_hints_made_once() -> None:
    """The recogniser keeps a grammar for each."""
    choose = hints_for("en", EXAMPLES, COMMANDS)
    for question in (Expectation(), CARD, Expectation(AnswerKind.DIGITS, "n")):
        assert choose(question) is choose(question)
    assert choose(Expectation(AnswerKind.DIGITS, "a")) is choose(Expectation(AnswerKind.DIGITS, "b"))


def test_a_language_without_lists_of_its_own_gets_no_english_words() -> None:
    phrases = hints_for("de", ("wann haben sie offen",), ("mitarbeiter",))(Expectation()).phrases
    assert set(phrases) == {"wann haben sie offen", "mitarbeiter"}
