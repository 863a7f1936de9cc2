"""The seam to a speech recogniser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voicebot.audio.frame import Samples
from voicebot.errors import VoicebotError


class RecogniserError(VoicebotError):
    """The recogniser cannot be loaded or failed; the message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word; times in ms from the start of the audio given, confidence 0..1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading of an utterance; `[unk]` stays in the text, confidence 0..1."""

    text: str
    confidence: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcription:
    """The n-best list of an utterance, best first; empty when nothing was heard."""

    hypotheses: tuple[Hypothesis, ...]
    engine: str

    @property
    def best(self) -> Hypothesis:
        """The first hypothesis, or an empty one."""
        return self.hypotheses[0] if self.hypotheses else Hypothesis("", 0.0)


@dataclass(frozen=True, slots=True)
class Hints:
    """What the caller is expected to say: a name for logs and the phrases of a runtime grammar.

    No phrases: the model's own language model decides. `[unk]` is added by the recogniser.
    """

    name: str
    phrases: tuple[str, ...] = ()


class Recognition(Protocol):
    """One utterance being recognised. Called from one thread at a time."""

    def accept(self, samples: Samples) -> str:
        """Take the next block (any length, the rate given to `open`); the partial text so far."""
        ...

    def finish(self) -> Transcription:
        """End the utterance; no call may follow."""
        ...


class Recogniser(Protocol):
    """A speech recognition engine."""

    @property
    def name(self) -> str:
        """Engine and model, as shown in transcripts."""
        ...

    def open(self, rate: int, hints: Hints) -> Recognition:
        """Start an utterance of `rate` Hz audio (8000 or 16000). Raises RecogniserError."""
        ...
