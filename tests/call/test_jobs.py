"""The book of jobs: a result is wanted exactly once, in time, and only of a job that was issued (hypothesis)."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from voicebot.call.clock import Clock
from voicebot.call.commands import CancelJob, StopRecording
from voicebot.call.jobs import Jobs

KINDS = st.sampled_from(["recognise", "interpret", "store"])
DEADLINES = st.one_of(st.none(), st.integers(0, 20))


class Book(RuleBasedStateMachine):
    """A plain model beside it: id -> (kind, frame of issue, last frame at which its result is wanted)."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.jobs = Jobs(self.clock)
        self.known: dict[int, tuple[str, int, float]] = {}
        self.cancelled: list[int] = []
        self.issued = 0

    def due(self, deadline: int | None) -> float:
        return float("inf") if deadline is None else self.clock.frame + deadline

    @rule(kind=KINDS, deadline=DEADLINES)
    def start(self, kind: str, deadline: int | None) -> None:
        job = self.jobs.start(kind, deadline)
        self.issued += 1
        assert job == self.issued, "ids are never used twice"
        self.known[job] = (kind, self.clock.frame, self.due(deadline))

    @rule(job=st.integers(1, 15), deadline=st.integers(0, 20), anew=st.booleans())
    def change(self, job: int, deadline: int, anew: bool) -> None:
        (self.jobs.limit if anew else self.jobs.extend)(job, deadline)
        if job in self.known:
            kind, issued, _ = self.known[job]
            self.known[job] = (kind, self.clock.frame if anew else issued, self.due(deadline))

    @rule(job=st.integers(1, 15))
    def close(self, job: int) -> None:
        closed, known = self.jobs.close(job), self.known.pop(job, None)
        assert (closed and (closed.kind, closed.issued, closed.due)) == known

    @rule(job=st.integers(1, 15))
    def cancel(self, job: int) -> None:
        self.jobs.cancel(job)
        if self.known.pop(job, None):
            self.cancelled.append(job)

    @rule(kinds=st.lists(KINDS, max_size=2), but=st.one_of(st.none(), KINDS))
    def cancel_all(self, kinds: list[str], but: str | None) -> None:
        self.jobs.cancel_all(*kinds, but=but)
        for job, (kind, *_) in list(self.known.items()):
            if kind != but and (not kinds or kind in kinds):
                del self.known[job]
                self.cancelled.append(job)

    @rule(frames=st.integers(1, 12))
    def time_passes(self, frames: int) -> None:
        for _ in range(frames):
            self.clock.frame += 1
            late = [job for job, (_, _, due) in self.known.items() if due < self.clock.frame]
            assert [job.id for job in self.jobs.overdue()] == late
            for job in late:
                del self.known[job]
                self.cancelled.append(job)

    @precondition(lambda self: self.cancelled)
    @rule()
    def take(self) -> None:
        self.jobs.emit(StopRecording())
        assert self.jobs.take() == [*map(CancelJob, self.cancelled), StopRecording()], "in the order of their issue"
        assert self.jobs.take() == []
        self.cancelled = []

    @invariant()
    def only_known_jobs_are_wanted(self) -> None:
        assert [job for job in range(60) if self.jobs.find(job)] == sorted(self.known)
        for kind in ("recognise", "interpret", "store"):
            assert self.jobs.busy(kind) is any(known[0] == kind for known in self.known.values())


Book.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestBook = Book.TestCase
