"""Threads for engine work that may hang: one that is stuck is written off, and never keeps the process from ending."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final

import structlog

log = structlog.get_logger()

STUCK_S: Final = 10.0
"""Engine work that takes longer than this will not come back: every deadline of a call is shorter."""
MOST_STUCK: Final = 64
"""So many threads are replaced; then something is wrong that more threads do not cure."""
CLOSE_S: Final = 2.0
"""How long engines have at the end for what is under way."""
STORE_S: Final = 30.0
"""How long the store has: a busy database costs several seconds, and nothing must be lost."""

Task = Callable[[], None]


class Pool:
    """`threads` threads that do tasks in the order of `submit`. A task must not raise."""

    def __init__(self, threads: int, name: str, *, stuck_s: float = STUCK_S) -> None:
        self._name = name
        self._stuck_s = stuck_s
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._busy: dict[threading.Thread, float] = {}
        self._threads: set[threading.Thread] = set()
        self._written_off = 0
        self._queued = 0
        for _ in range(threads):
            self._start()

    def submit(self, task: Task) -> None:
        """Queue a task. Never waits."""
        with self._lock:
            self._queued += 1
        self._tasks.put(task)

    def close(self, *, finish: bool = False) -> None:
        """Let the threads end, after all queued tasks with `finish`. Does not wait for them."""
        if not finish:
            self._drop_queued()
        with self._lock:
            for _ in self._threads:
                self._tasks.put(None)

    def join(self, until: float) -> None:
        """Wait for the threads to end, until this time of the monotonic clock; a stuck one is left behind."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _drop_queued(self) -> None:
        with suppress(Empty):
            while True:
                self._tasks.get_nowait()
                with self._lock:
                    self._queued -= 1

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def replace_stuck(self) -> None:
        """Start a thread for each that is stuck; to be called every second or so."""
        limit = time.monotonic() - self._stuck_s
        with self._lock:
            stuck = [thread for thread, since in self._busy.items() if since < limit][: MOST_STUCK - self._written_off]
            for thread in stuck:
                self._busy.pop(thread)
                self._threads.discard(thread)
                self._written_off += 1
                self._start()
        if stuck:
            log.error("an engine hangs; its thread is replaced", engine=self._name, replaced=self._written_off)

    def _next(self) -> Task | None:
        """The next task; None at the end, which is only when nothing is queued any more: a task may queue another."""
        while True:
            task = self._tasks.get()
            with self._lock:
                if task is not None:
                    self._queued -= 1
                    return task
                if not self._queued:
                    return None
            self._tasks.put(None)

    def _run(self) -> None:
        me = threading.current_thread()
        while (task := self._next()) is not None:
            with self._lock:
                self._busy[me] = time.monotonic()
            task()
            with self._lock:
                self._busy.pop(me, None)
                if me not in self._threads:
                    self._written_off -= 1
                    return


class Loop:
    """An event loop in a thread of its own; a fresh one takes over when something blocks it."""

    def __init__(self, name: str, *, stuck_s: float = STUCK_S) -> None:
        self._name = name
        self._stuck_s = stuck_s
        self._asked: float | None = None
        self._begin()

    def submit(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work`, which must not raise. Never waits."""
        if self._asked is not None and time.monotonic() - self._asked > self._stuck_s:
            log.error("an engine blocks its event loop, which is replaced", engine=self._name)
            self._begin()
        if self._asked is None:
            self._asked = time.monotonic()
            self._loop.call_soon_threadsafe(self._answer, self._loop)
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Let the thread end. Does not wait for it."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def join(self, until: float) -> None:
        """Wait for the thread to end, until this time of the monotonic clock."""
        self._thread.join(max(0.0, until - time.monotonic()))

    def _begin(self) -> None:
        self._asked = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_serve, args=(self._loop,), name=self._name, daemon=True)
        self._thread.start()

    def _answer(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop gets round to what it is asked, so nothing blocks it."""
        if loop is self._loop:
            self._asked = None


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run the loop until it is stopped; what is still under way then is cancelled."""
    asyncio.set_event_loop(loop)
    loop.run_forever()
    under_way = asyncio.all_tasks(loop)
    for task in under_way:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*under_way, return_exceptions=True))
    loop.close()


@dataclass(frozen=True, slots=True)
class Pools:
    """Threads that all calls of a process share, by kind of engine, and the event loop of the interpreter."""

    hear: Pool
    speak: Pool
    act: Pool
    store: Pool
    mind: Loop

    @classmethod
    def open(cls, recogniser_threads: int = 2, *, stuck_s: float = STUCK_S) -> Pools:
        """Pools for a process; one thread for the store, since its writes are serial anyway."""
        return cls(
            Pool(recogniser_threads, "recogniser", stuck_s=stuck_s),
            Pool(2, "synthesiser", stuck_s=stuck_s),
            Pool(4, "action", stuck_s=stuck_s),
            Pool(1, "store", stuck_s=stuck_s),
            Loop("interpreter", stuck_s=stuck_s),
        )

    def replace_stuck(self) -> None:
        """See to it that an engine which hangs in one call does not keep the others waiting."""
        for pool in (self.hear, self.speak, self.act, self.store):
            pool.replace_stuck()

    def close(self, store_s: float = STORE_S) -> None:
        """End the threads; what the store has been given is finished first, for `store_s` at most."""
        others = (self.hear, self.speak, self.act, self.mind)
        for each in others:
            each.close()
        self.store.close(finish=True)
        now = time.monotonic()
        for each in others:
            each.join(now + CLOSE_S)
        self.store.join(now + store_s)
