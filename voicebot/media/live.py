"""Engine work beside the ticker, for live calls: bounded pools, in order per call and engine."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from voicebot.audio.frame import FRAME_MS, FRAMES_PER_SECOND
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
from voicebot.call.events import Input
from voicebot.media.engines import Work
from voicebot.media.pools import Pool, Pools

LANES: Final = {
    StartRecognition: "hear",
    RecogniseAudio: "hear",
    FinishRecognition: "hear",
    CancelJob: "hear",
    Synthesise: "speak",
    RunAction: "act",
    StoreHandOff: "store",
    CommitTurn: "store",
    Finish: "store",
}


class Lane:
    """Runs its tasks one after the other, in order, on a shared pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._tasks: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._running = False

    def put(self, task: Callable[[], None]) -> None:
        """Queue a task; it must not raise."""
        with self._lock:
            self._tasks.append(task)
            if self._running:
                return
            self._running = True
        self._pool.submit(self._run)

    def _run(self) -> None:
        """Do one task, and come back for the next: other lanes get their turn, and a stuck task is seen as such."""
        self._tasks[0]()
        with self._lock:
            self._tasks.popleft()
            self._running = bool(self._tasks)
        if self._running:
            self._pool.submit(self._run)


class LiveJobs:
    """The jobs of one live call. Results land in a thread-safe inbox that the ticker empties."""

    def __init__(self, work: Work, pools: Pools) -> None:
        self._work = work
        self._pools = pools
        self._inbox: deque[Input] = deque()
        self._lanes = {name: Lane(getattr(pools, name)) for name in ("hear", "speak", "act", "store")}

    def submit(self, commands: Sequence[Command], frame: int) -> None:
        """Hand the commands of a frame to their engines."""
        for command in commands:
            if isinstance(command, CancelJob):
                self._work.cancel(command.job)
            if isinstance(command, Interpret):
                self._pools.mind.submit(self._interpret(command))
            elif type(command) in LANES:
                self._lanes[LANES[type(command)]].put(partial(self._do, command, frame * FRAME_MS))

    def _do(self, command: Command, now_ms: int) -> None:
        self._inbox.extend(self._work.do(command, now_ms))

    async def _interpret(self, command: Interpret) -> None:
        self._inbox.append(await self._work.interpret(command))

    def collect(self, frame: int) -> list[Input]:
        """The results that have arrived."""
        if frame % FRAMES_PER_SECOND == 0:
            self._pools.replace_stuck()
        if not self._inbox:
            return []
        return [self._inbox.popleft() for _ in range(len(self._inbox))]

    def close(self) -> None:
        """No more commands come; those under way finish."""
