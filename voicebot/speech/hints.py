"""What a caller may say, as the phrases of a runtime grammar.

A runtime grammar is a bigram model with back-off, counted over the phrases: repeating a phrase makes it likelier, and
word orders outside the phrases stay possible. The weights below were measured with the bundled model on strings of
real digits, synthetic commands and off-topic speech (`models/vosk-en-8k-mini/MODEL_CARD.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voicebot.speech.recogniser import Hints

DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh")
"""English digits, as callers say them."""

_OFF_TOPIC: Final = ("[unk] [unk] [unk]",)
"""Where one word is not of the grammar the next is not either: halves the digits "heard" in off-topic speech."""
_ALONE: Final = 3
_AMONG_COMMANDS: Final = 30
"""How often an expected word is counted; among commands more often, or these swallow digits."""
_AMONG_PHRASES: Final = 30
"""Among thousands of example phrases: enough to hear digits, too few to take them for other words."""


@dataclass(frozen=True, slots=True)
class _Language:
    digits: tuple[str, ...]
    repeats: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    commands: tuple[str, ...]


_LANGUAGES: Final = {
    "en": _Language(
        digits=DIGITS,
        repeats=("double", "triple"),
        yes=("yes", "yeah", "yep", "yup", "sure", "okay", "correct", "right", "that's right", "that's correct",
             "yes please", "please do", "go ahead", "of course", "yes it is", "yes i do", "absolutely", "exactly"),
        no=("no", "nope", "nah", "no thanks", "no thank you", "not really", "that's wrong", "that's not right",
            "no it isn't", "no i don't", "not now", "never", "i don't think so", "wrong", "incorrect"),
        commands=("agent", "operator", "representative", "someone", "talk to someone", "repeat that", "say again",
                  "help", "cancel"),
    ),
}  # fmt: skip


def commands(language: str = "en") -> tuple[str, ...]:
    """What a caller may say at any moment, unless the flows name their own commands; empty for unknown languages."""
    return _LANGUAGES[language].commands if language in _LANGUAGES else ()


def digits_hints(commands: tuple[str, ...] = (), language: str = "en") -> Hints:
    """Digit by digit; with `commands` also those, and "double" or "triple" and a digit.

    Without `commands` exactly DIGITS (in the language). An unknown language leaves it to the model.
    """
    known = _LANGUAGES.get(language)
    if known is None:
        return Hints("digits")
    if not commands:
        return Hints("digits", known.digits * _ALONE)
    repeated = tuple(f"{repeat} {digit}" for repeat in known.repeats for digit in known.digits)
    return Hints("digits", (*known.digits * _AMONG_COMMANDS, *repeated, *commands, *_OFF_TOPIC))


def yes_no_hints(commands: tuple[str, ...] = (), language: str = "en") -> Hints:
    """Ways to say yes and no, and `commands`. An unknown language leaves it to the model."""
    known = _LANGUAGES.get(language)
    return _closed("yes_no", (*known.yes, *known.no), commands) if known else Hints("yes_no")


def choice_hints(phrases: tuple[str, ...], commands: tuple[str, ...] = (), language: str = "en") -> Hints:
    """The answers of a closed question, yes and no (callers say them to any question), and `commands`."""
    known = _LANGUAGES.get(language)
    return _closed("choice", phrases, (*commands, *((known.yes[0], known.no[0]) if known else ())))


def open_hints(phrases: tuple[str, ...], language: str = "en") -> Hints:
    """Whatever is like `phrases` (up to some 3,000 examples of what callers say), and digits: callers give numbers
    unasked. No phrases: the model's own language model.
    """
    known = _LANGUAGES.get(language)
    return Hints("open", (*phrases, *(known.digits * _AMONG_PHRASES if known and phrases else ())))


def _closed(name: str, expected: tuple[str, ...], commands: tuple[str, ...]) -> Hints:
    return Hints(name, (*expected * _ALONE, *commands, *_OFF_TOPIC))
