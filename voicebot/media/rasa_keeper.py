"""Keeps a Rasa server of ours running: starts it, starts it again when it dies, and changes to a new model.

A new model is a new process on another port. Calls go on with the old one until the new one is ready, so no turn is
lost; while none is ready, the client has no server, and the embedded classifier answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog

from voicebot.media.rasa_process import Process
from voicebot.nlu.interpreter import InterpreterError
from voicebot.nlu.rasa_servers import Servers

log = structlog.get_logger()

STEP_S: Final = 0.25
START_S: Final = 240.0
"""A process that is not ready by then is ended; on a busy machine Rasa has been seen to take a minute."""
CHECK_S: Final = 5.0
MOST_UNWELL: Final = 3
"""So many checks in a row without an answer, and a server that still runs is ended."""
LEAVE_S: Final = 2.0
"""How long the old process is kept after a change: longer than any request to it may take."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """When a process may be started again: at once the first time, then after 1, 2, 4 ... 60 s. Pure."""

    failures: int = 0
    not_before: float = 0.0

    FIRST_S = 1.0
    LONGEST_S = 60.0
    FORGIVEN_S = 120.0

    def failed(self, now: float, ran_s: float) -> BackOff:
        """It died, or was never ready, after `ran_s` of service; long service makes good for earlier failures."""
        failures = 0 if ran_s >= self.FORGIVEN_S else self.failures
        pause = 0.0 if failures == 0 else min(self.LONGEST_S, self.FIRST_S * 2.0 ** min(failures - 1, 30))
        return replace(self, failures=failures + 1, not_before=now + pause)


@dataclass(slots=True)
class Running:
    """A process, and since when it is what it is."""

    process: Process
    since: float
    checked: float = 0.0
    unwell: int = 0


class RasaKeeper:
    """`step` does all that is due; `open` does it in a thread of its own."""

    def __init__(self, servers: Servers, newest: Callable[[], Path | None], start: Callable[[Path], Process]) -> None:
        self.serving: Running | None = None
        self.coming: Running | None = None
        self._servers = servers
        self._newest = newest
        self._start = start
        self._leaving: list[Running] = []
        self._back_off = BackOff()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rasa", daemon=True)

    def open(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End every process."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._servers.use({})
        for running in filter(None, [self.serving, self.coming, *self._leaving]):
            running.process.end()
        self.serving, self.coming, self._leaving = None, None, []

    def wait(self, seconds: float) -> bool:
        """Wait until a server is ready; False when there is none within `seconds`."""
        until = time.monotonic() + seconds
        while not self._servers.urls and time.monotonic() < until:
            time.sleep(0.1)
        return bool(self._servers.urls)

    def _run(self) -> None:
        while not self._stop.wait(STEP_S):
            try:
                self.step(time.monotonic())
            except Exception as error:  # noqa: BLE001 - the keeper must outlive a full disk
                log.error("Rasa cannot be looked after just now", error=type(error).__name__)

    def step(self, now: float) -> None:
        """Do what is due at `now`, in seconds."""
        self._let_leave(now)
        self._check_serving(now)
        self._check_coming(now)
        wanted = self._newest()
        has = self.serving and self.serving.process.model
        if self.coming is None and wanted not in (None, has) and now >= self._back_off.not_before:
            assert wanted is not None  # noqa: S101 - for mypy
            self._begin(wanted, now)

    def _begin(self, model: Path, now: float) -> None:
        try:
            self.coming = Running(self._start(model), now)
            log.info("Rasa starts; it takes up to a minute", model=model.name)
        except InterpreterError as error:
            self._back_off = self._back_off.failed(now, 0)
            log.error("Rasa cannot be started", error=str(error))

    def _let_leave(self, now: float) -> None:
        for running in [one for one in self._leaving if now >= one.since + LEAVE_S]:
            self._leaving.remove(running)
            running.process.end()

    def _check_serving(self, now: float) -> None:
        running = self.serving
        if running is None:
            return
        if not running.process.died and now >= running.checked + CHECK_S:
            running.checked = now
            running.unwell = 0 if running.process.ready() else running.unwell + 1
        if running.process.died or running.unwell >= MOST_UNWELL:
            self._servers.use({})
            self.serving = None
            self._lost(running, now, now - running.since)

    def _check_coming(self, now: float) -> None:
        running = self.coming
        if running is None:
            return
        if running.process.died or now >= running.since + START_S:
            self.coming = None
            self._lost(running, now, 0)
        elif running.process.ready():
            self._change(running, now)

    def _change(self, running: Running, now: float) -> None:
        log.info("Rasa is ready", model=running.process.model.name, seconds=round(now - running.since, 1))
        self._servers.use({running.process.url: running.process.model.name.removesuffix(".tar.gz")})
        if self.serving is not None:
            self._leaving.append(replace(self.serving, since=now))
        self.serving, self.coming = Running(running.process, now, checked=now), None

    def _lost(self, running: Running, now: float, ran_s: float) -> None:
        running.process.end()
        self._back_off = self._back_off.failed(now, ran_s)
        log.warning(
            "Rasa has ended; it is started again, the embedded classifier answers meanwhile",
            model=running.process.model.name,
            wait_s=round(self._back_off.not_before - now, 1),
        )
