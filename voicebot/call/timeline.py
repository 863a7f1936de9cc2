"""The timeline of a call: every state change, its reason and its frame, typed and in order.

Entries never hold unmasked personal data: what is said here may be logged, stored and shown.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from dataclasses import dataclass
from typing import Any

from voicebot.audio.frame import FRAME_MS
from voicebot.call.clock import Clock
from voicebot.call.handoff import TranscriptTurn
from voicebot.dialogue.events import FlowEnded, FlowStarted, NotUnderstood, SlotSet


class Floor(enum.Enum):
    """Who has the word."""

    BOT = "bot"
    PAUSED = "paused"
    OPEN = "open"
    CALLER = "caller"
    THINKING = "thinking"
    WAITING = "waiting"
    HUMAN = "human"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The first entry: what a replay needs to repeat the call."""

    call_id: str
    rate: int
    seed: int
    started_at: str
    language: str
    recording: str


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """The word went from one party to another."""

    before: Floor
    after: Floor
    reason: str


@dataclass(frozen=True, slots=True)
class PromptStarted:
    """The first frame of a prompt was sent; `delay_ms` since the caller's true end of speech, if this answers one."""

    response: str
    text: str
    delay_ms: int | None


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """A prompt was said to its end, or up to `said`."""

    response: str
    said: str
    complete: bool


@dataclass(frozen=True, slots=True)
class CallerStarted:
    """The caller began to speak, at `at_ms` of the call."""

    at_ms: int
    over_prompt: bool


@dataclass(frozen=True, slots=True)
class CallerStopped:
    """The caller's speech lasted from `started_ms` to `ended_ms`; the endpoint was decided `hangover_ms` later."""

    started_ms: int
    ended_ms: int
    hangover_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class BargedIn:
    """What became of a prompt that was spoken over: interrupted, or resumed; `said` up to there."""

    decision: str
    said: str
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The recogniser's reading of an utterance, masked."""

    text: str
    confidence: float
    engine: str


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """An utterance without words: noise."""

    duration_ms: int


@dataclass(frozen=True, slots=True)
class Meant:
    """The interpreter's reading of a turn, and who answered."""

    intent: str
    confidence: float
    engine: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key; masked where a sensitive answer is expected."""

    key: str


@dataclass(frozen=True, slots=True)
class SilenceElapsed:
    """The caller kept silent for as long as the question allows."""

    after_ms: int


@dataclass(frozen=True, slots=True)
class JobAnswered:
    """A job's result arrived, `frames` after issue. `replay --as-recorded` repeats this."""

    job: int
    kind: str
    frames: int


@dataclass(frozen=True, slots=True)
class JobLost:
    """A job failed or missed its deadline."""

    job: int
    kind: str
    error: str


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """Recording started, stopped, masked or unmasked."""

    state: str


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The package is in the queue."""

    entry: str
    queue: str
    reason: str
    position: int


@dataclass(frozen=True, slots=True)
class LegChanged:
    """A party joined or left the bridge."""

    leg: str
    role: str
    change: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last entry."""

    outcome: str
    reason: str


TimelineEvent = (
    CallStarted
    | FloorChanged
    | PromptStarted
    | PromptEnded
    | CallerStarted
    | CallerStopped
    | BargedIn
    | Heard
    | NothingHeard
    | Meant
    | KeyPressed
    | SilenceElapsed
    | JobAnswered
    | JobLost
    | RecordingChanged
    | HandedOff
    | LegChanged
    | CallEnded
    | TranscriptTurn
    | SlotSet
    | FlowStarted
    | FlowEnded
    | NotUnderstood
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and the frame of the call in which it happened."""

    frame: int
    event: TimelineEvent

    @property
    def at_ms(self) -> int:
        """Milliseconds since the start of the call."""
        return self.frame * FRAME_MS

    def as_json(self) -> str:
        """One line of JSON, the same bytes for the same entry."""
        body = {"ms": self.at_ms, "event": type(self.event).__name__, **_plain(self.event)}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _plain(event: TimelineEvent) -> dict[str, Any]:
    return {key: _value(value) for key, value in dataclasses.asdict(event).items()}


def _value(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    if isinstance(value, dict):
        return {key: _value(each) for key, each in value.items()}
    return round(value, 4) if isinstance(value, float) else value


class Timeline:
    """Collects entries; whoever shows, logs or stores them drains it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._fresh: list[Entry] = []

    def add(self, event: TimelineEvent) -> None:
        """Note an event of this frame."""
        self._fresh.append(Entry(self._clock.frame, event))

    def drain(self) -> list[Entry]:
        """The entries since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh
