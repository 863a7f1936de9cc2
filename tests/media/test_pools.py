"""Threads of engines that hang: others are served, and the process can end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from voicebot.media.pools import Loop, Pool, Pools

STUCK_S = 0.05


def wait(until: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> None:
    """Until something holds; ten seconds are more than it ever takes."""
    limit = time.monotonic() + 10
    while not until():
        assert time.monotonic() < limit, "it never came"
        meanwhile()
        time.sleep(0.005)


@contextmanager
def pool(threads: int) -> Iterator[tuple[Pool, threading.Event]]:
    """A pool, and what its stuck tasks wait for."""
    opened, let_go = Pool(threads, "engine", stuck_s=STUCK_S), threading.Event()
    try:
        yield opened, let_go
    finally:
        let_go.set()
        opened.close()
        opened.join(time.monotonic() + 10)


@pytest.mark.parametrize("threads", [1, 2])
def test_stuck_threads_are_replaced(threads: int) -> None:
    with pool(threads) as (opened, let_go):
        for _ in range(5):
            opened.submit(let_go.wait)  # type: ignore[arg-type]
        served = threading.Event()
        opened.submit(served.set)
        wait(served.is_set, opened.replace_stuck)


def test_a_thread_that_comes_back_late_is_not_one_too_many() -> None:
    with pool(1) as (opened, let_go):
        opened.submit(let_go.wait)  # type: ignore[arg-type]
        wait(lambda: opened._written_off == 1, opened.replace_stuck)
        let_go.set()
        wait(lambda: opened._written_off == 0)
        running: list[threading.Thread] = []
        for _ in range(20):
            opened.submit(lambda: running.append(threading.current_thread()))
        wait(lambda: len(running) == 20)
        assert len(set(running)) == 1


def test_a_quick_task_is_not_stuck() -> None:
    with pool(2) as (opened, _):
        before = set(opened._threads)
        for _ in range(50):
            opened.submit(lambda: None)
            opened.replace_stuck()
        assert opened._threads == before


def test_at_its_end_a_pool_finishes_or_drops_what_is_queued() -> None:
    done: list[int] = []
    for finish in (True, False):
        opened, let_go = Pool(1, "engine"), threading.Event()
        opened.submit(let_go.wait)  # type: ignore[arg-type]
        for number in range(3):
            opened.submit(lambda n=number, f=finish: done.append(n + 10 * f))  # type: ignore[misc]
        threading.Timer(0.05, let_go.set).start()
        opened.close(finish=finish)
        opened.join(time.monotonic() + 10)
    assert done == [10, 11, 12]


def test_a_blocked_loop_is_replaced() -> None:
    loop, let_go, answered = Loop("mind", stuck_s=STUCK_S), threading.Event(), threading.Event()

    async def block() -> None:
        let_go.wait()  # what an engine must not do in an event loop

    async def answer() -> None:
        answered.set()

    loop.submit(block())
    wait(answered.is_set, lambda: loop.submit(answer()))
    let_go.set()
    loop.close()
    loop.join(time.monotonic() + 10)


def test_a_loop_that_waits_is_not_blocked() -> None:
    loop, answers = Loop("mind", stuck_s=STUCK_S), []

    async def sleep() -> None:
        await asyncio.sleep(30)

    async def answer() -> None:
        answers.append(asyncio.get_running_loop())

    loop.submit(sleep())
    for number in range(1, 5):
        time.sleep(STUCK_S)
        loop.submit(answer())
        wait(lambda n=number: len(answers) == n)  # type: ignore[misc]
    assert len(set(answers)) == 1
    loop.close()
    loop.join(time.monotonic() + 10)


ENDING = """
import threading
from voicebot.media.pools import Pools

async def block():
    threading.Event().wait()

pools = Pools.open(1)
for pool in (pools.hear, pools.speak, pools.act, pools.store):
    pool.submit(threading.Event().wait)
pools.mind.submit(block())
pools.close(store_s=0.1)
print("ended")
"""


def test_the_process_ends_though_every_engine_hangs() -> None:
    done: Any = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "ended\n")


def test_all_pools_are_watched() -> None:
    pools, let_go = Pools.open(1, stuck_s=STUCK_S), threading.Event()
    for each in (pools.hear, pools.speak, pools.act, pools.store):
        for _ in range(4):
            each.submit(let_go.wait)  # type: ignore[arg-type]
    served = [threading.Event() for _ in range(4)]
    for each, event in zip((pools.hear, pools.speak, pools.act, pools.store), served, strict=True):
        each.submit(event.set)
    wait(lambda: all(event.is_set() for event in served), pools.replace_stuck)
    let_go.set()
    pools.close()


def test_what_a_last_task_queues_is_done_too() -> None:
    opened, done = Pool(2, "engine"), threading.Event()

    def last_but_one() -> None:
        opened.submit(done.set)

    def first() -> None:
        time.sleep(0.05)
        opened.submit(last_but_one)

    opened.submit(first)
    opened.close(finish=True)
    opened.join(time.monotonic() + 10)
    assert done.is_set()
