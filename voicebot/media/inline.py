"""Engine work done in place, for replay: results come a fixed number of frames after issue, on any machine."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.call.commands import (
    Command,
    CommitTurn,
    Finish,
    Interpret,
    RunAction,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import Input, JobFailed, Understood
from voicebot.media.engines import Work


@dataclass(frozen=True, slots=True)
class Latency:
    """Frames from issue to result, per engine; `bench/answer_delay.py` measures what is real."""

    recogniser: int = 1
    interpreter: int = 1
    synthesiser: int = 2
    action: int = 1
    store: int = 1

    def of(self, command: Command) -> int:
        """How many frames after `command` its results come."""
        if isinstance(command, Interpret):
            return self.interpreter
        if isinstance(command, Synthesise):
            return self.synthesiser
        if isinstance(command, RunAction):
            return self.action
        if isinstance(command, StoreHandOff | CommitTurn | Finish):
            return self.store
        return self.recogniser


class InlineJobs:
    """Runs each command when it is issued and holds its results back until they are due."""

    def __init__(self, work: Work, latency: Latency | None = None) -> None:
        self._work = work
        self._latency = latency or Latency()
        self._loop = asyncio.new_event_loop()
        self._due: list[tuple[int, int, Input]] = []
        self._order = itertools.count()
        self._heard: dict[int, str] = {}

    def submit(self, commands: Sequence[Command], frame: int) -> None:
        """Carry out the commands of a frame."""
        for command in commands:
            due = frame + self._latency.of(command)
            results = [self._interpret(command)] if isinstance(command, Interpret) else self._work.do(command)
            for result in results:
                heapq.heappush(self._due, (due, next(self._order), result))

    def _interpret(self, command: Interpret) -> Input:
        try:
            meaning = self._loop.run_until_complete(
                self._work.engines.interpreter.interpret(command.text, deadline_ms=command.deadline * 20)
            )
        except Exception as error:  # noqa: BLE001 - as in Work.do
            return JobFailed(command.job, "Interpret", f"{type(error).__name__}: {error}"[:300])
        return Understood(command.job, meaning)

    def collect(self, frame: int) -> list[Input]:
        """The results that are due in this frame."""
        ready: list[Input] = []
        while self._due and self._due[0][0] <= frame:
            ready.append(heapq.heappop(self._due)[2])
        return ready

    def close(self) -> None:
        """No more commands come."""
        self._loop.close()
