"""From what a question expects to what the recogniser should listen for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from voicebot.dialogue.events import AnswerKind, Expectation
from voicebot.speech import hints
from voicebot.speech.recogniser import Hints

AMONG_EXAMPLES: Final = 40
"""How often a yes, a no and a command are counted beside thousands of examples where callers often say just that."""


def hints_for(language: str, examples: tuple[str, ...], commands: tuple[str, ...]) -> Callable[[Expectation], Hints]:
    """Hints by expectation. `examples`: what callers say at an open question; `commands`: what they may say at any."""
    opening = hints.open_hints((*examples, *commands), language)
    yes_no = hints.yes_no_hints((), language).phrases
    open_slot = hints.open_hints((*examples, *(*dict.fromkeys(yes_no), *commands) * AMONG_EXAMPLES), language)

    @cache
    def closed(kind: AnswerKind, phrases: tuple[str, ...]) -> Hints:
        if kind is AnswerKind.DIGITS:
            return hints.digits_hints(commands, language)
        if kind is AnswerKind.YES_NO:
            return hints.yes_no_hints(commands, language)
        return hints.choice_hints(phrases, commands, language)

    def choose(expectation: Expectation) -> Hints:
        if expectation.kind is AnswerKind.OPEN:
            return open_slot if expectation.slot else opening
        return closed(expectation.kind, tuple(phrase for choice in expectation.choices for phrase in choice.phrases))

    return choose
