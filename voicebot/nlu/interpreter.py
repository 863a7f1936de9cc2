"""The seam to an intent model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voicebot.errors import VoicebotError


class InterpreterError(VoicebotError):
    """The intent model cannot be loaded or failed; the message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """An intent and how sure the model is of it, 0..1."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A value found in the text at characters start..end (end exclusive)."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What an utterance means.

    `intent` is the decision after lexicon and out-of-scope gate; `ranking` the classifier's own scores, best first.
    """

    text: str
    intent: IntentScore
    ranking: tuple[IntentScore, ...] = ()
    entities: tuple[Entity, ...] = ()
    engine: str = ""


class Interpreter(Protocol):
    """An intent model, in this process or behind HTTP."""

    @property
    def name(self) -> str:
        """Engine and model version; every turn names who answered."""
        ...

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        """Understand one utterance within `deadline_ms`. Raises InterpreterError or TimeoutError."""
        ...
