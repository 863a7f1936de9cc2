"""What leaves a call beside its audio: typed requests to the engines and the store.

Jobs carry an id, and `deadline` in frames after issue; a result that comes later, or after the job was
cancelled, is dropped by its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from voicebot.audio.frame import Samples
from voicebot.call.events import JobId
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.dialogue.events import SlotValue
from voicebot.speech.recogniser import Hints


@dataclass(frozen=True, slots=True)
class StartRecognition:
    """Open an utterance; its audio follows in RecogniseAudio, in order."""

    job: JobId
    hints: Hints


@dataclass(frozen=True, slots=True, eq=False)
class RecogniseAudio:
    """The next ~100 ms of an open utterance (pre-roll first). Answered by PartialHeard."""

    job: JobId
    samples: Samples


@dataclass(frozen=True, slots=True)
class FinishRecognition:
    """The utterance has ended. Answered by Recognised."""

    job: JobId
    deadline: int


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Forget a job; whatever it still yields is dropped."""

    job: JobId


@dataclass(frozen=True, slots=True)
class Interpret:
    """Understand a text. Answered by Understood."""

    job: JobId
    text: str
    deadline: int


@dataclass(frozen=True, slots=True)
class Synthesise:
    """Speak a text that is not in the prompt cache. Answered by Synthesised, piece by piece.

    `keep`: the audio may be cached; not so when the text holds something sensitive.
    """

    job: JobId
    text: str
    deadline: int
    keep: bool = True


@dataclass(frozen=True, slots=True)
class RunAction:
    """Run a business action. `now` is the call's own time. Answered by ActionResult."""

    job: JobId
    name: str
    slots: Mapping[str, SlotValue]
    now: datetime
    deadline: int


@dataclass(frozen=True, slots=True)
class StoreHandOff:
    """Commit the package. Answered by HandOffStored; the caller is told only then."""

    job: JobId
    package: HandOffPackage
    deadline: int


@dataclass(frozen=True, slots=True)
class CommitTurn:
    """Commit one line of the transcript, so that a crash loses at most the current utterance."""

    turn: TranscriptTurn


@dataclass(frozen=True, slots=True)
class StartRecording:
    """From the next frame on both sides are recorded."""


@dataclass(frozen=True, slots=True)
class MaskRecording:
    """Silence what both sides said from frame `start` to frame `end` (exclusive; None: until further notice)."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class StopRecording:
    """No more is recorded."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The call is over: hang up the leg and close everything. `outcome` is completed, handed_off or abandoned."""

    outcome: str
    reason: str


Command = (
    StartRecognition
    | RecogniseAudio
    | FinishRecognition
    | CancelJob
    | Interpret
    | Synthesise
    | RunAction
    | StoreHandOff
    | CommitTurn
    | StartRecording
    | MaskRecording
    | StopRecording
    | Finish
)
