"""What takes over when a call's own logic breaks: the caller's case goes into the queue, a word of apology, the end.

It is stepped as the call was, and needs nothing of it but its books and prompts that are in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.audio.frame import Frame
from voicebot.call.books import Books
from voicebot.call.commands import CommitTurn, Finish, StopRecording, StoreHandOff
from voicebot.call.conversation import STORE_DEADLINE_FRAMES
from voicebot.call.events import HandOffStored, HungUp, Input, JobFailed
from voicebot.call.handoff import HandOffPackage
from voicebot.call.playout import Playout
from voicebot.call.speaking import Prompts, Speaking
from voicebot.call.step import Step
from voicebot.call.timeline import CallEnded, Floor, HandedOff, JobLost
from voicebot.dialogue.events import Say

PRIORITY: Final = 9
"""Of a call that broke: before all others."""


@dataclass(frozen=True, slots=True)
class LastWords:
    """Said when the bot must end a call: once the case is in the queue (`stored`), and when it could not be stored."""

    stored: Say | None = None
    lost: Say | None = None


@dataclass(frozen=True, slots=True)
class Wreck:
    """What is left of a call that broke. `rate` in Hz."""

    rate: int
    books: Books
    package: HandOffPackage
    prompts: Prompts
    words: LastWords


class Rescue:
    """Steps in for a broken call, from the frame in which it broke. `why` says what broke."""

    def __init__(self, wreck: Wreck, why: str) -> None:
        self._wreck = wreck
        self._books = wreck.books
        self._why = f"the call broke ({why})"
        self._speaking = Speaking(Playout(wreck.rate), wreck.prompts, wreck.books)
        self._outcome = "handed_off"
        self._job: int | None = None
        self._books.timeline.add(JobLost(0, "call", self._why))
        self._books.go(Floor.THINKING, self._why)
        self._salvage()

    def _salvage(self) -> None:
        """Of what the broken step had asked for, the lines of the transcript still count."""
        jobs = self._books.jobs
        jobs.cancel_all()
        pending = jobs.take()
        for command in pending:
            if isinstance(command, CommitTurn):
                jobs.emit(command)
        jobs.emit(StopRecording())
        if self._books.handed_off is not None:
            self._say(self._wreck.words.stored)
            return
        self._job = jobs.start("store", STORE_DEADLINE_FRAMES)
        jobs.emit(StoreHandOff(self._job, self._wreck.package, STORE_DEADLINE_FRAMES))

    def step(self, inputs: Sequence[Input], frame: Frame, others: Mapping[str, Frame] | None = None) -> Step:  # noqa: ARG002 - nobody is listened to any more
        """20 ms: nothing but the store and the caller's hanging up matter now."""
        jobs = self._books.jobs
        for event in inputs:
            self._take(event)
        if jobs.overdue():
            self._not_stored()
        if self._job is None and not self._speaking.playout.active:
            self._finish()
        step = Step(self._speaking.next(), jobs.take())
        self._books.clock.frame += 1
        return step

    def _take(self, event: Input) -> None:
        if isinstance(event, HungUp):
            self._finish()
        elif isinstance(event, HandOffStored) and event.job == self._job:
            self._stored(event)
        elif isinstance(event, JobFailed) and event.job == self._job:
            self._not_stored()

    def _stored(self, event: HandOffStored) -> None:
        package = self._wreck.package
        self._job = None
        self._books.jobs.close(event.job)
        self._books.handed_off = event.entry
        self._books.timeline.add(HandedOff(event.entry, package.queue, package.reason.value, event.position))
        self._say(self._wreck.words.stored)

    def _not_stored(self) -> None:
        self._job = None
        self._outcome = "failed"
        self._say(self._wreck.words.lost)

    def _say(self, words: Say | None) -> None:
        if words is not None and self._wreck.prompts.get(words.text) is not None:
            self._books.go(Floor.BOT, "an apology")
            self._speaking.say(words)

    def _finish(self) -> None:
        if self._books.floor is Floor.ENDED:
            return
        self._speaking.stop(everything=True)
        self._books.go(Floor.ENDED, self._why)
        self._books.timeline.add(CallEnded(self._outcome, self._why))
        self._books.jobs.emit(Finish(self._outcome, self._why))
