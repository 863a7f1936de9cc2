"""The call's book of engine jobs: ids, deadlines, and the commands of this frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

from voicebot.call.clock import Clock
from voicebot.call.commands import CancelJob, Command
from voicebot.call.events import JobId


@dataclass(frozen=True, slots=True)
class Job:
    """Work under way outside the call; `due` is the frame after which its result is not wanted any more."""

    id: JobId
    kind: str
    issued: int
    due: float


class Jobs:
    """Results of jobs that are not in the book (cancelled, late, invented) are dropped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[JobId, Job] = {}
        self._last: JobId = 0
        self._soonest = math.inf
        self._commands: list[Command] = []

    def start(self, kind: str, deadline: int | None = None) -> JobId:
        """Enter a job; `deadline` in frames from now, None: as long as it takes."""
        self._last += 1
        self._enter(Job(self._last, kind, self._clock.frame, self._due(deadline)))
        return self._last

    def limit(self, job: JobId, deadline: int) -> None:
        """The rest of an open job is asked for now, and wanted within `deadline` frames."""
        known = self._open.get(job)
        if known is not None:
            self._enter(Job(job, known.kind, self._clock.frame, self._due(deadline)))

    def extend(self, job: JobId, deadline: int) -> None:
        """An open job makes progress: it has `deadline` frames more from now."""
        known = self._open.get(job)
        if known is not None:
            self._enter(Job(job, known.kind, known.issued, self._due(deadline)))

    def _due(self, deadline: int | None) -> float:
        return math.inf if deadline is None else self._clock.frame + deadline

    def _enter(self, job: Job) -> None:
        self._open[job.id] = job
        self._soonest = min(self._soonest, job.due)

    def find(self, job: JobId) -> Job | None:
        """A job whose result is still wanted; None for any other."""
        return self._open.get(job)

    def close(self, job: JobId) -> Job | None:
        """Strike a job out; None when its result is not wanted."""
        return self._open.pop(job, None)

    def cancel(self, job: JobId) -> None:
        """Strike a job out and tell its engine."""
        if self._open.pop(job, None) is not None:
            self._commands.append(CancelJob(job))

    def cancel_all(self, *kinds: str, but: str | None = None) -> None:
        """Cancel every open job of these kinds (of all kinds when none is named), `but` those of one."""
        for job in [j for j in self._open.values() if j.kind != but and (not kinds or j.kind in kinds)]:
            self.cancel(job.id)

    def busy(self, *kinds: str) -> bool:
        """Whether a job of one of these kinds is open."""
        return any(job.kind in kinds for job in self._open.values())

    def overdue(self) -> list[Job]:
        """Strike out the jobs whose deadline has passed."""
        frame = self._clock.frame
        if frame <= self._soonest:
            return []
        late = [job for job in self._open.values() if job.due < frame]
        for job in late:
            self.cancel(job.id)
        self._soonest = min((job.due for job in self._open.values()), default=math.inf)
        return late

    def emit(self, command: Command) -> None:
        """Ask for something in this frame."""
        self._commands.append(command)

    def take(self) -> list[Command]:
        """The commands of this frame, in order."""
        if not self._commands:
            return []
        commands, self._commands = self._commands, []
        return commands
