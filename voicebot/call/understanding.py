"""Introduces speech, NLU and dialogue to each other: expectations become hints, words become answers."""

from __future__ import annotations

from voicebot.dialogue.events import AnswerKind, Choice, Expectation, Mention, UserTurn
from voicebot.nlu.interpreter import Interpretation
from voicebot.nlu.spoken import digits, digits_within
from voicebot.nlu.yes_no import leading_yes_no, yes_no

YES_KEY, NO_KEY, HUMAN_KEY = "1", "2", "0"
HIDDEN = "•"


def read_answer(text: str, expectation: Expectation) -> str | None:
    """The text as a value of what is expected: digits, "true" or "false", a choice; None when it does not fit."""
    if expectation.kind is AnswerKind.DIGITS:
        found = digits_within(text, *expectation.length) if expectation.length else digits(text)
        return found.digits if found else None
    if expectation.kind is AnswerKind.YES_NO:
        answer = yes_no(text)
        return None if answer is None else str(answer).lower()
    if expectation.kind is AnswerKind.CHOICE:
        return _choice(text, expectation.choices)
    return None


def leading_answer(text: str, expectation: Expectation) -> str | None:
    """The yes or no that a longer answer begins with ("yes block it please"); a yes with a "but" is none."""
    if expectation.kind is not AnswerKind.YES_NO:
        return None
    lead = leading_yes_no(text)
    return None if lead.answer is None else str(lead.answer).lower()


def _choice(text: str, choices: tuple[Choice, ...]) -> str | None:
    """The choice whose phrase is in the text; the last one said wins, as in a repair."""
    padded = f" {text} "
    best = max(
        ((padded.rfind(f" {phrase} "), len(phrase), choice.value) for choice in choices for phrase in choice.phrases),
        default=(-1, 0, ""),
    )
    return best[2] if best[0] >= 0 else None


def read_key(key: str, expectation: Expectation) -> str | None:
    """The value that a single key stands for."""
    if expectation.kind is AnswerKind.YES_NO:
        return {YES_KEY: "true", NO_KEY: "false"}.get(key)
    return next((choice.value for choice in expectation.choices if choice.key == key), None)


def shown_key(key: str, expectation: Expectation | None) -> str:
    """A key as it may be written down: only one that chooses among named answers, or asks for a human, is shown."""
    if not key.isdigit() or key == HUMAN_KEY:
        return HIDDEN if expectation is None or expectation.kind is AnswerKind.DIGITS else key
    chosen = expectation is not None and read_key(key, expectation) is not None
    return key if chosen else HIDDEN


def is_whole(value: str | None, expectation: Expectation) -> bool:
    """Whether an answer needs nothing more to be said."""
    if value is None:
        return False
    if expectation.kind is AnswerKind.DIGITS:
        return expectation.length is None or len(value) >= expectation.length[1]
    return expectation.kind is not AnswerKind.OPEN


def user_turn(
    interpretation: Interpretation, expectation: Expectation, *, heard: float, over_prompt: bool = False
) -> UserTurn:
    """What the caller said, as the dialogue takes it."""
    return UserTurn(
        text=interpretation.text,
        intent=interpretation.intent.name,
        confidence=interpretation.intent.confidence,
        heard=heard,
        value=read_answer(interpretation.text, expectation) or leading_answer(interpretation.text, expectation),
        mentions=tuple(Mention(e.name, e.value) for e in interpretation.entities),
        over_prompt=over_prompt,
    )


def key_turn(keys: str, expectation: Expectation) -> UserTurn:
    """What the caller keyed, as the dialogue takes it."""
    digits_wanted = expectation.kind is AnswerKind.DIGITS
    value = keys if digits_wanted else read_key(keys, expectation)
    return UserTurn(text=keys, intent="inform", confidence=1.0, value=value, keyed=True)
