"""Where an utterance begins and ends: a state machine over voice-activity windows. Time comes in as an argument."""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass
from typing import Final

from voicebot.speech.activity import WINDOW_MS

PRE_ROLL_MS: Final = 300
"""Audio before the start of speech that the recogniser gets too, for soft first sounds."""


class EndReason(enum.Enum):
    """Why an utterance ended."""

    SILENCE = "silence"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Speech began at `at_ms`: the begin of the first voiced window of the run."""

    at_ms: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """Speech lasted from `started_ms` to `ended_ms`: the end of the last voiced window, the true end of speech."""

    started_ms: float
    ended_ms: float
    reason: EndReason


@dataclass(frozen=True, slots=True)
class EndpointerSettings:
    """Speech starts when `needed` of the last `of` windows reach `on`; it goes on while they reach `off`."""

    on: float = 0.4
    off: float = 0.35
    needed: int = 3
    of: int = 4
    longest_ms: float = 15_000


class Endpointer:
    """Turns windows into starts and ends of speech, which alternate, a start first."""

    def __init__(self, settings: EndpointerSettings = EndpointerSettings()) -> None:
        self._settings = settings
        self._recent: deque[tuple[float, float, float]] = deque(maxlen=settings.of)
        self._window_end = 0.0
        self._started: float | None = None
        self._voiced_end = 0.0

    @property
    def speaking(self) -> bool:
        """Whether the caller is in an utterance, pauses within it included."""
        return self._started is not None

    def silent_for(self, now_ms: float) -> float:
        """Milliseconds since speech was last heard, or since time 0; a blip that started no utterance is no speech."""
        return max(0.0, now_ms - self._voiced_end)

    def reset(self) -> None:
        """Forget an utterance in progress; no end will be reported for it."""
        self._started = None
        self._recent.clear()

    def window(self, probability: float, now_ms: float, hangover_ms: float) -> SpeechStarted | SpeechEnded | None:
        """The next window, which ends at `now_ms`. An utterance ends after `hangover_ms` of silence."""
        begin = max(now_ms - WINDOW_MS, self._window_end)
        self._window_end = now_ms
        if self._started is None:
            return self._perhaps_start(probability, begin, now_ms)
        return self._perhaps_end(self._started, probability, now_ms, hangover_ms)

    def _perhaps_start(self, probability: float, begin: float, end: float) -> SpeechStarted | None:
        self._recent.append((probability, begin, end))
        voiced = [window for window in self._recent if window[0] >= self._settings.on]
        if len(voiced) < self._settings.needed:
            return None
        self._recent.clear()
        self._started, self._voiced_end = voiced[0][1], voiced[-1][2]
        return SpeechStarted(self._started)

    def _perhaps_end(self, started: float, probability: float, now: float, hangover: float) -> SpeechEnded | None:
        if probability >= self._settings.off:
            self._voiced_end = now
        if now - started >= self._settings.longest_ms:
            return self._end(started, EndReason.TOO_LONG)
        if now - self._voiced_end >= hangover and self._voiced_end < now:
            return self._end(started, EndReason.SILENCE)
        return None

    def _end(self, started: float, reason: EndReason) -> SpeechEnded:
        self._started = None
        return SpeechEnded(started, self._voiced_end, reason)


@dataclass(frozen=True, slots=True)
class HangoverView:
    """What is known of the answer so far.

    `kind`: open, digits, yes_no or choice. `partial`: the recogniser's text so far, unchanged for
    `partial_stable_ms`. `complete`: nothing more can follow, as when all digits of a fixed length are there.
    """

    kind: str
    partial: str = ""
    partial_stable_ms: float = 0
    complete: bool = False


@dataclass(frozen=True, slots=True)
class HangoverSettings:
    """Silence in ms that ends an utterance, and how long a partial result must stand to count as stable."""

    expected_little_ms: int = 280
    default_ms: int = 500
    digits_ms: int = 1000
    stable_ms: int = 200
    complete_stable_ms: int = 100
    """A partial that answers the question wholly needs to stand for less: it is not a word's beginning."""


def hangover_ms(view: HangoverView, settings: HangoverSettings = HangoverSettings()) -> int:
    """How long to wait in silence for more: little when the answer is there, long while digits are missing."""
    needed = settings.complete_stable_ms if view.complete else settings.stable_ms
    heard = bool(view.partial.strip()) and view.partial_stable_ms >= needed
    if heard and (view.complete or view.kind in {"yes_no", "choice"}):
        return settings.expected_little_ms
    if view.kind == "digits" and not view.complete:
        return settings.digits_ms
    return settings.default_ms
