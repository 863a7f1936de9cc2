"""Engine work beside the ticker, for live calls: bounded pools, in order per call and engine."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import structlog

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
from voicebot.call.events import Input, JobFailed, Understood
from voicebot.media.engines import Work

log = structlog.get_logger()

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


@dataclass(slots=True)
class Pools:
    """Threads and the event loop that all calls of a process share."""

    hear: ThreadPoolExecutor
    speak: ThreadPoolExecutor
    act: ThreadPoolExecutor
    store: ThreadPoolExecutor
    loop: asyncio.AbstractEventLoop
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self.loop.run_forever, name="interpreter", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, recogniser_threads: int = 2) -> Pools:
        """Pools for a process; one thread for the store, since its writes are serial anyway."""
        return cls(
            ThreadPoolExecutor(recogniser_threads, "recogniser"),
            ThreadPoolExecutor(2, "synthesiser"),
            ThreadPoolExecutor(4, "action"),
            ThreadPoolExecutor(1, "store"),
            asyncio.new_event_loop(),
        )

    def close(self) -> None:
        """Finish what is under way and end the threads."""
        for pool in (self.hear, self.speak, self.act, self.store):
            pool.shutdown(wait=pool is self.store, cancel_futures=pool is not self.store)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)
        self.loop.close()


class Lane:
    """Runs its tasks one after the other, in order, on a shared pool."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
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
        while True:
            with self._lock:
                if not self._tasks:
                    self._running = False
                    return
                task = self._tasks.popleft()
            task()


class LiveJobs:
    """The jobs of one live call. Results land in a thread-safe inbox that the ticker empties."""

    def __init__(self, work: Work, pools: Pools) -> None:
        self._work = work
        self._pools = pools
        self._inbox: deque[Input] = deque()
        self._lanes = {name: Lane(getattr(pools, name)) for name in ("hear", "speak", "act", "store")}
        self._log = log.bind(call=work.call_id)

    def submit(self, commands: Sequence[Command], frame: int) -> None:
        """Hand the commands of a frame to their engines."""
        for command in commands:
            if isinstance(command, Interpret):
                asyncio.run_coroutine_threadsafe(self._interpret(command), self._pools.loop)
            elif type(command) in LANES:
                self._lanes[LANES[type(command)]].put(lambda c=command: self._do(c, frame * FRAME_MS))  # type: ignore[misc]

    def _do(self, command: Command, now_ms: int) -> None:
        try:
            for result in self._work.do(command, now_ms):
                self._inbox.append(result)
        except Exception as error:  # noqa: BLE001 - nobody else can report what has no job
            self._log.error("store failed", command=type(command).__name__, error=str(error))

    async def _interpret(self, command: Interpret) -> None:
        try:
            wait_ms = command.deadline * FRAME_MS
            meaning = await self._work.engines.interpreter.interpret(command.text, deadline_ms=wait_ms)
        except Exception as error:  # noqa: BLE001 - as in Work.do
            self._inbox.append(JobFailed(command.job, "Interpret", f"{type(error).__name__}: {error}"[:300]))
            return
        self._inbox.append(Understood(command.job, meaning))

    def collect(self, frame: int) -> list[Input]:  # noqa: ARG002 - live results come when they come
        """The results that have arrived."""
        if not self._inbox:
            return []
        return [self._inbox.popleft() for _ in range(len(self._inbox))]

    def close(self) -> None:
        """No more commands come; those under way finish."""
