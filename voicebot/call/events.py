"""What enters a call beside its audio: typed inputs, each with the id of the job it answers, if any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voicebot.call.bridge import Role
from voicebot.dialogue.events import SlotValue
from voicebot.nlu.interpreter import Interpretation
from voicebot.speech.recogniser import Transcription
from voicebot.speech.synthesiser import SpeechAudio

JobId = int


@dataclass(frozen=True, slots=True)
class VoiceActivity:
    """Probability 0..1 that the caller spoke in the 32 ms window that ended `lag_ms` before the end of this frame."""

    probability: float
    lag_ms: int = 0


@dataclass(frozen=True, slots=True)
class Digit:
    """A key the caller pressed: 0-9, *, #, A-D."""

    key: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller has left, or (not `by_caller`) the line has. `reason` as the channel names it."""

    reason: str = "caller"
    by_caller: bool = True


@dataclass(frozen=True, slots=True)
class PartialHeard:
    """The recogniser's text so far of a running utterance."""

    job: JobId
    text: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """The final n-best list of an utterance."""

    job: JobId
    transcription: Transcription


@dataclass(frozen=True, slots=True)
class Understood:
    """The meaning of an utterance."""

    job: JobId
    interpretation: Interpretation


@dataclass(frozen=True, slots=True)
class Synthesised:
    """A piece of synthesised speech at the call's rate; `last` when the text is complete."""

    job: JobId
    audio: SpeechAudio
    last: bool


@dataclass(frozen=True, slots=True)
class ActionResult:
    """A business action came back."""

    job: JobId
    slots: Mapping[str, SlotValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandOffStored:
    """The hand-off package is committed; `entry` is its id in the queue, `position` 1 for the next to be served."""

    job: JobId
    entry: str
    position: int


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job raised or its engine died. `error` is one sentence without personal data."""

    job: JobId
    engine: str
    error: str


@dataclass(frozen=True, slots=True)
class LegJoined:
    """Somebody else came onto the bridge; their frames follow in `Call.step(others=...)`."""

    leg: str
    role: Role


@dataclass(frozen=True, slots=True)
class LegLeft:
    """Somebody else left the bridge."""

    leg: str
    reason: str = ""


Input = (
    VoiceActivity
    | Digit
    | HungUp
    | PartialHeard
    | Recognised
    | Understood
    | Synthesised
    | ActionResult
    | HandOffStored
    | JobFailed
    | LegJoined
    | LegLeft
)
