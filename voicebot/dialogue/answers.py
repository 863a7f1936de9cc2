"""Whether a caller's turn answers the question that is open, and with what value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from voicebot.dialogue.domain import Slot
from voicebot.dialogue.events import AnswerKind, Expectation, SlotValue, UserTurn
from voicebot.dialogue.flows import Collect

YES_NO_INTENTS: Final[Mapping[str, str]] = {"affirm": "true", "deny": "false"}
LONE_WORDS: Final = 2
"""A yes of at most this many words, heard over a prompt, may have been meant for somebody else."""


def answer(question: Collect, slot: Slot, turn: UserTurn, sure: float) -> SlotValue:
    """The answer in the slot's type; None when the turn holds none.

    `sure`: the confidence from which on a yes or no that the words alone do not show is taken from the intent.
    """
    raw = _raw(question.expectation, slot, turn, sure)
    return None if raw is None else slot.accept(raw)


def is_yes_or_no(question: Collect, slot: Slot | None, turn: UserTurn) -> bool:
    """Whether the turn is about yes or no where that is asked, be it clear or not."""
    asked = question.expectation.kind is AnswerKind.YES_NO or (slot is not None and slot.type == "bool")
    return asked and not turn.keyed and turn.intent in YES_NO_INTENTS


def _raw(expectation: Expectation, slot: Slot, turn: UserTurn, sure: float) -> str | None:
    match expectation.kind:
        case AnswerKind.DIGITS:
            return _digits(expectation, turn)
        case AnswerKind.YES_NO:
            given = _chosen(expectation, turn)
            return given if turn.keyed else given or _meant(turn, sure)
        case AnswerKind.CHOICE:
            return _chosen(expectation, turn) or _mentioned(slot, turn, {c.value for c in expectation.choices})
        case AnswerKind.OPEN:
            return None if turn.keyed else _open(slot, turn, sure)


def _digits(expectation: Expectation, turn: UserTurn) -> str | None:
    value = (turn.value or (turn.text if turn.keyed else "")).replace(" ", "")
    low, high = expectation.length or (1, len(value))
    return value if value.isascii() and value.isdecimal() and low <= len(value) <= high else None


def _chosen(expectation: Expectation, turn: UserTurn) -> str | None:
    """The choice that was named or keyed."""
    for choice in expectation.choices:
        if turn.value == choice.value or (turn.keyed and choice.key is not None and turn.text == choice.key):
            return choice.value
    return None


def _meant(turn: UserTurn, sure: float) -> str | None:
    """The yes or no that rests on the intent alone."""
    return YES_NO_INTENTS.get(turn.intent) if turn.confidence >= sure else None


def _open(slot: Slot, turn: UserTurn, sure: float) -> str | None:
    yes_no = _meant(turn, sure) if slot.type == "bool" else None
    return _mentioned(slot, turn, set()) or turn.value or yes_no


def _mentioned(slot: Slot, turn: UserTurn, allowed: set[str]) -> str | None:
    """The value of an entity that fills the slot; the last one, as in a repair."""
    found = [m.value for m in turn.mentions if m.name in slot.entities and (not allowed or m.value in allowed)]
    return found[-1] if found else None


def is_lone_yes(question: Collect, turn: UserTurn, value: SlotValue) -> bool:
    """Whether this is a short spoken yes that a yes/no question got while it was still being asked."""
    return (
        question.expectation.kind is AnswerKind.YES_NO
        and value is True
        and turn.over_prompt
        and not turn.keyed
        and len(turn.text.split()) <= LONE_WORDS
    )
