"""Engine work done in place, for replay: results come a fixed number of frames after issue, on any machine."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voicebot.audio.frame import FRAME_MS
from voicebot.call.commands import (
    Command,
    CommitTurn,
    Finish,
    Interpret,
    RunAction,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import Input
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

    def submit(self, commands: Sequence[Command], frame: int) -> None:
        """Carry out the commands of a frame."""
        for command in commands:
            due = frame + self._latency.of(command)
            for result in self._results(command, frame):
                heapq.heappush(self._due, (due, next(self._order), result))

    def _results(self, command: Command, frame: int) -> Iterable[Input]:
        if isinstance(command, Interpret):
            return [self._loop.run_until_complete(self._work.interpret(command))]
        return self._work.do(command, frame * FRAME_MS)

    def collect(self, frame: int) -> list[Input]:
        """The results that are due in this frame."""
        ready: list[Input] = []
        while self._due and self._due[0][0] <= frame:
            ready.append(heapq.heappop(self._due)[2])
        return ready

    def close(self) -> None:
        """No more commands come."""
        self._loop.close()
