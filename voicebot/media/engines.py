"""The engines that serve calls, and the one place where a command of a call becomes their work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np

from voicebot.call.commands import (
    CancelJob,
    Command,
    CommitTurn,
    Finish,
    FinishRecognition,
    RecogniseAudio,
    RunAction,
    StartRecognition,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import (
    ActionResult,
    HandOffStored,
    Input,
    JobFailed,
    JobId,
    PartialHeard,
    Recognised,
    Synthesised,
)
from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.dialogue.events import SlotValue
from voicebot.nlu.interpreter import Interpreter
from voicebot.speech.recogniser import Recogniser, Recognition
from voicebot.speech.synthesiser import SpeechAudio


class Voice(Protocol):
    """Prompt audio: ready in memory, or made now."""

    def get(self, text: str) -> SpeechAudio | None:
        """The whole audio of a text if it is in memory."""
        ...

    def render(self, text: str, *, keep: bool = True) -> Iterator[SpeechAudio]:
        """Synthesise piece by piece; `keep`: into the cache."""
        ...


class Calls(Protocol):
    """Where calls, their transcripts and their hand-offs are kept."""

    def open_call(self, facts: CallFacts) -> None:
        """The call has begun."""
        ...

    def commit_turn(self, call_id: str, turn: TranscriptTurn) -> None:
        """One line of the transcript."""
        ...

    def hand_off(self, package: HandOffPackage) -> tuple[str, int]:
        """Put the caller into the human queue; the entry's id and its position."""
        ...

    def close_call(self, call_id: str, outcome: str, reason: str, duration_ms: int) -> None:
        """The call is over."""
        ...


class Deeds(Protocol):
    """The business actions."""

    def run(self, name: str, slots: Mapping[str, SlotValue], *, now: datetime) -> Mapping[str, SlotValue]:
        """Run one; the slots to set. May block and may raise."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """What a call may ask for."""

    recogniser: Recogniser
    interpreter: Interpreter
    voice: Voice
    actions: Deeds
    calls: Calls


@dataclass(slots=True)
class Work:
    """Does the engine work of one call, in whatever thread it is called. Commands of a lane come in order."""

    engines: Engines
    call_id: str
    rate: int
    _open: dict[JobId, Recognition] = field(default_factory=dict)

    def do(self, command: Command, duration_ms: int = 0) -> Iterator[Input]:
        """Carry out a command; its results, piece by piece. What an engine raises becomes JobFailed."""
        try:
            yield from self._do(command, duration_ms)
        except Exception as error:
            job = getattr(command, "job", None)
            if job is None:
                raise
            yield JobFailed(job, type(command).__name__, f"{type(error).__name__}: {error}"[:300])

    def _do(self, command: Command, duration_ms: int) -> Iterator[Input]:
        if isinstance(command, StartRecognition | RecogniseAudio | FinishRecognition | CancelJob):
            yield from self._recognise(command)
        elif isinstance(command, Synthesise):
            yield from self._synthesise(command)
        elif isinstance(command, RunAction):
            yield ActionResult(command.job, self.engines.actions.run(command.name, command.slots, now=command.now))
        elif isinstance(command, StoreHandOff):
            entry, position = self.engines.calls.hand_off(command.package)
            yield HandOffStored(command.job, entry, position)
        elif isinstance(command, CommitTurn):
            self.engines.calls.commit_turn(self.call_id, command.turn)
        elif isinstance(command, Finish):
            self.engines.calls.close_call(self.call_id, command.outcome, command.reason, duration_ms)

    def _recognise(self, command: StartRecognition | RecogniseAudio | FinishRecognition | CancelJob) -> Iterator[Input]:
        if isinstance(command, StartRecognition):
            self._open[command.job] = self.engines.recogniser.open(self.rate, command.hints)
        elif isinstance(command, CancelJob):
            self._open.pop(command.job, None)
        elif command.job not in self._open:
            return  # it failed before, which has been reported
        elif isinstance(command, RecogniseAudio):
            yield PartialHeard(command.job, self._open[command.job].accept(command.samples))
        else:
            yield Recognised(command.job, self._open.pop(command.job).finish())

    def _synthesise(self, command: Synthesise) -> Iterator[Input]:
        """Each piece is handed on as soon as it is there; an empty one says that it was the last."""
        spoken = False
        for piece in self.engines.voice.render(command.text, keep=command.keep):
            spoken = spoken or piece.samples.size > 0
            yield Synthesised(command.job, piece, last=False)
        if not spoken:
            raise ValueError("the synthesiser gave no audio")
        yield Synthesised(command.job, SpeechAudio("", np.zeros(0, np.int16), self.rate), last=True)
