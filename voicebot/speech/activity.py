"""The seam to a voice-activity detector: batched windows of several calls in one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from voicebot.audio.frame import Samples
from voicebot.errors import VoicebotError

WINDOW_MS = 32
"""Length of a decision window; 256 samples at 8 kHz, 512 at 16 kHz."""

S = TypeVar("S")


class ActivityError(VoicebotError):
    """The detector cannot be loaded; the message says what, where and what to do."""


class ActivityDetector(Protocol[S]):
    """Decides for windows of audio whether somebody speaks; `S` is its state per call."""

    @property
    def name(self) -> str:
        """Engine, as shown in timelines."""
        ...

    def open(self, rate: int) -> S:
        """A fresh state for one call of `rate` Hz."""
        ...

    def run(self, batch: Sequence[tuple[S, Samples]]) -> list[float]:
        """One WINDOW_MS window per state; speech probabilities 0..1 in the same order. Updates the states."""
        ...
