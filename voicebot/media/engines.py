"""The engines that serve calls, and the one place where a command of a call becomes their work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np

from voicebot.audio.frame import FRAME_MS
from voicebot.call.commands import (
    CancelJob,
    Command,
    CommitTurn,
    Finish,
    FinishRecognition,
    Interpret,
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
    Understood,
)
from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.dialogue.events import SlotValue
from voicebot.dialogue.masking import mask_text
from voicebot.errors import VoicebotError
from voicebot.logs import call_log, place_of
from voicebot.media import checked
from voicebot.nlu.interpreter import Interpreter
from voicebot.speech.recogniser import Recogniser, Recognition
from voicebot.speech.synthesiser import SpeechAudio, SynthesiserError


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
    """Does the engine work of one call, in whatever thread it is called. Commands of a lane come in order.

    Nothing raises here: a job that fails is a JobFailed, and what has no job is logged.
    """

    engines: Engines
    call_id: str
    rate: int
    _open: dict[JobId, Recognition] = field(default_factory=dict)
    _cancelled: set[JobId] = field(default_factory=set)
    _unkept: deque[TranscriptTurn] = field(default_factory=deque)

    def do(self, command: Command, duration_ms: int = 0) -> Iterator[Input]:
        """Carry out a command; its results, piece by piece, fit for a call."""
        try:
            yield from self._do(command, duration_ms)
        except Exception as error:  # noqa: BLE001 - an engine may raise anything; the call decides
            job = getattr(command, "job", None)
            self._log(command, error)
            if job is not None:
                self._open.pop(job, None)
                yield JobFailed(job, type(command).__name__, fault(error))

    async def interpret(self, command: Interpret) -> Input:
        """Understand a text, within the command's deadline."""
        limit_ms = command.deadline * FRAME_MS
        try:
            async with asyncio.timeout(limit_ms / 1000):
                meaning = await self.engines.interpreter.interpret(command.text, deadline_ms=limit_ms)
            return Understood(command.job, checked.interpretation(meaning))
        except Exception as error:  # noqa: BLE001 - as above
            self._log(command, error)
            return JobFailed(command.job, "Interpret", fault(error))

    def cancel(self, job: JobId) -> None:
        """Nobody waits for a job any more; a prompt that is being synthesised ends with its next piece."""
        self._cancelled.add(job)

    def _log(self, command: Command, error: Exception) -> None:
        what = type(command).__name__
        call_log(self.call_id).warning("an engine failed", command=what, error=fault(error), at=place_of(error))

    def _do(self, command: Command, duration_ms: int) -> Iterator[Input]:
        if isinstance(command, StartRecognition | RecogniseAudio | FinishRecognition | CancelJob):
            yield from self._recognise(command)
        elif isinstance(command, Synthesise):
            yield from self._synthesise(command)
        elif isinstance(command, RunAction):
            found = self.engines.actions.run(command.name, command.slots, now=command.now)
            yield ActionResult(command.job, checked.slots(found))
        elif isinstance(command, StoreHandOff):
            self._keep_turns()
            entry, position = self.engines.calls.hand_off(command.package)
            yield HandOffStored(command.job, entry, position)
        elif isinstance(command, CommitTurn):
            self._unkept.append(command.turn)
            self._keep_turns()
        elif isinstance(command, Finish):
            self._close(command, duration_ms)

    def _recognise(self, command: StartRecognition | RecogniseAudio | FinishRecognition | CancelJob) -> Iterator[Input]:
        if isinstance(command, StartRecognition):
            self._open[command.job] = self.engines.recogniser.open(self.rate, command.hints)
        elif isinstance(command, CancelJob):
            self._open.pop(command.job, None)
        elif command.job not in self._open:
            return  # it failed before, which has been reported
        elif isinstance(command, RecogniseAudio):
            yield PartialHeard(command.job, checked.text(self._open[command.job].accept(command.samples)))
        else:
            yield Recognised(command.job, checked.transcription(self._open.pop(command.job).finish()))

    def _synthesise(self, command: Synthesise) -> Iterator[Input]:
        """Each piece is handed on as soon as it is there; an empty one says that it was the last."""
        spoken = False
        if command.job in self._cancelled:
            return
        for given in self.engines.voice.render(command.text, keep=command.keep):
            if command.job in self._cancelled:
                return
            piece = checked.speech(given, self.rate)
            spoken = spoken or piece.samples.size > 0
            yield Synthesised(command.job, piece, last=False)
        if not spoken:
            raise SynthesiserError("the synthesiser gave no audio")
        yield Synthesised(command.job, SpeechAudio("", np.zeros(0, np.int16), self.rate), last=True)

    def _keep_turns(self) -> None:
        """Commit the lines of the transcript that wait, oldest first; what the store cannot take waits on."""
        try:
            while self._unkept:
                self.engines.calls.commit_turn(self.call_id, self._unkept[0])
                self._unkept.popleft()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next command tries again
            waiting = len(self._unkept)
            call_log(self.call_id).error("the transcript cannot be stored", waiting=waiting, error=fault(error))

    def _close(self, command: Finish, duration_ms: int) -> None:
        self._keep_turns()
        if self._unkept:
            call_log(self.call_id).error("lines of the transcript are lost", lines=len(self._unkept))
        self.engines.calls.close_call(self.call_id, command.outcome, command.reason, duration_ms)


def fault(error: Exception) -> str:
    """What went wrong, for the timeline: other than our own errors, a message may quote the caller and is left out."""
    if isinstance(error, VoicebotError):
        return f"{type(error).__name__}: {mask_text(str(error))}"[:300]
    return type(error).__name__
