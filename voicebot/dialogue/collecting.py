"""Reads a `collect` step: Rasa's keys, and what a telephone needs to know of the answer.

expect: open | digits | yes_no | choice     what kind of answer; digits when a length is given, choice with choices
length: 8  or  [6, 10]                      digits
choices: [{value: debit, phrases: [debit card], key: "1"}]
sensitive: true                             masked wherever it is stored or shown
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from voicebot.dialogue.events import AnswerKind, Choice, Expectation, Keypad
from voicebot.dialogue.expression import Expression
from voicebot.dialogue.flows import Collect, Rejection
from voicebot.dialogue.yamlfile import Section

COLLECT_KEYS: Final = frozenset(
    (
        "collect",
        "utter",
        "ask_before_filling",
        "force_slot_filling",
        "reset_after_flow_ends",
        "rejections",
        "silence_timeout",
        "dtmf",
        "expect",
        "length",
        "sensitive",
        "choices",
    )
)
SILENCE_S: Final = {AnswerKind.DIGITS: 8.0}
"""Seconds a caller may look for the answer when the step gives no `silence_timeout`."""
OPEN_SILENCE_S: Final = 5.0
MAX_DIGITS: Final = 30
YES_NO: Final = (Choice("true", (), "1"), Choice("false", (), "2"))
"""The keys of every yes/no question; the words are the interpreter's."""

Condition = Callable[[Section, str], Expression]


def read_collect(section: Section, condition: Condition) -> Collect:
    """A `collect` step. Raises the section's error."""
    slot = section.need("collect", str)
    return Collect(
        slot=slot,
        utter=section.get("utter", str, f"utter_ask_{slot}"),
        expectation=_expectation(section, slot),
        ask_before_filling=section.get("ask_before_filling", bool, False),
        force_slot_filling=section.get("force_slot_filling", bool, False),
        reset_after_flow_ends=section.get("reset_after_flow_ends", bool, True),
        rejections=tuple(_rejection(part, slot, condition) for part in section.sections("rejections")),
    )


def _rejection(section: Section, slot: str, condition: Condition) -> Rejection:
    section.only(("if", "utter"))
    if "if" not in section:
        section.fail("'if' is missing; expected a condition that finds the value wrong")
    return Rejection(condition(section, "if"), section.get("utter", str, f"utter_invalid_{slot}"))


def _expectation(section: Section, slot: str) -> Expectation:
    length, choices = _length(section), _choices(section)
    kind = _kind(section, has_length=length is not None, has_choices=bool(choices))
    silence = section.get("silence_timeout", float, SILENCE_S.get(kind, OPEN_SILENCE_S))
    if not 0 < silence <= 60:
        section.fail("'silence_timeout' must lie between 0 and 60 seconds", "silence_timeout")
    return Expectation(
        kind=kind,
        slot=slot,
        length=length,
        choices=YES_NO if kind is AnswerKind.YES_NO else choices,
        keypad=_keypad(section, kind, length),
        sensitive=section.get("sensitive", bool, False),
        silence_s=silence,
    )


def _kind(section: Section, *, has_length: bool, has_choices: bool) -> AnswerKind:
    implied = AnswerKind.DIGITS if has_length else AnswerKind.CHOICE if has_choices else AnswerKind.OPEN
    known = [kind.value for kind in AnswerKind]
    given = section.get("expect", str, implied.value)
    if given not in known:
        section.fail(f"'expect' is {given!r}; expected one of: {', '.join(known)}", "expect")
    kind = AnswerKind(given)
    if has_length and kind is not AnswerKind.DIGITS:
        section.fail("'length' and 'dtmf' go with `expect: digits` only", "expect")
    if has_choices is not (kind is AnswerKind.CHOICE):
        section.fail("'choices' and `expect: choice` go together", "expect")
    return kind


def _length(section: Section) -> tuple[int, int] | None:
    """Fewest and most digits: `length: 8`, `length: [6, 10]`, or the length of `dtmf`."""
    if "length" not in section:
        fixed = section.section("dtmf").get("length", int, 0) if "dtmf" in section else 0
        return (fixed, fixed) if fixed else ((1, MAX_DIGITS) if "dtmf" in section else None)
    given = section.data["length"]
    low, high = given if isinstance(given, list) and len(given) == 2 else (given, given)
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (low, high))
    if not whole or not 1 <= low <= high <= MAX_DIGITS:
        section.fail(f"'length' must be a number of digits, or [fewest, most], up to {MAX_DIGITS}", "length")
    return int(low), int(high)


def _choices(section: Section) -> tuple[Choice, ...]:
    choices = tuple(map(_choice, section.sections("choices")))
    keys = [choice.key for choice in choices if choice.key]
    if len(set(keys)) < len(keys):
        section.fail("two choices have the same key", "choices")
    return choices


def _choice(section: Section) -> Choice:
    section.only(("value", "phrases", "key"))
    key = section.get("key", str, "") or None
    if key is not None and key not in tuple("123456789*#"):
        section.fail('\'key\' must be a text from "1" to "9" (0 always leads to a human)', "key")
    value = section.need("value", str)
    return Choice(value, tuple(phrase.lower() for phrase in section.texts("phrases")) or (value.lower(),), key)


def _keypad(section: Section, kind: AnswerKind, length: tuple[int, int] | None) -> Keypad | None:
    if kind in (AnswerKind.YES_NO, AnswerKind.CHOICE):
        return Keypad(length=1)
    if kind is AnswerKind.OPEN:
        return None
    fixed = length[0] if length and length[0] == length[1] else None
    if "dtmf" not in section:
        return Keypad(length=fixed)
    dtmf = section.section("dtmf")
    dtmf.only(("length", "finish_on_key", "allow_audio_input"))
    finish = dtmf.get("finish_on_key", str, "#")
    if finish not in tuple("0123456789*#"):
        dtmf.fail("'finish_on_key' must be one key: a digit, * or #", "finish_on_key")
    return Keypad(dtmf.get("length", int, 0) or fixed, finish, dtmf.get("allow_audio_input", bool, True))
