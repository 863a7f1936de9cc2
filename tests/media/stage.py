"""Calls of recorded callers in virtual time, all on one ticker and in one real database, any part of them broken."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tests.conftest import PROJECT
from voicebot.audio.files import read_audio_at
from voicebot.audio.frame import FRAMES_PER_SECOND
from voicebot.call.call import Call
from voicebot.call.commands import Command
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.call.timeline import CallEnded, Entry, HandedOff, JobLost, PromptStarted
from voicebot.centre.queue import CallQueue
from voicebot.dialogue.events import HandOffReason
from voicebot.media.engines import Calls, Engines, Work
from voicebot.media.house import House
from voicebot.media.inline import InlineJobs
from voicebot.media.line import Leg, Line, Recorder
from voicebot.media.stored import StoredCalls
from voicebot.media.ticker import Ticker, run_virtual
from voicebot.qa.caller import FixtureLeg
from voicebot.qa.fixture import load
from voicebot.qa.replay import Forgetful, facts_of
from voicebot.store.calls import CallStore
from voicebot.store.database import Database
from voicebot.store.tables import CallRow

T = TypeVar("T")

APOLOGY = "utter_internal_error"
CASE_STORED = "utter_call_ends_case_stored"
CASE_LOST = "utter_call_ends_case_lost"

SPOKEN = "human/agent_at_once"
BALANCE = "bank/balance_by_keypad"
ASKED = "recording/consent_given"
QUOTE = "my number is 70352846"

Change = Callable[[Engines], Engines]


class Hanging(InlineJobs):
    """Commands of some kinds are taken and never answered."""

    hung: tuple[type[Command], ...] = ()

    def submit(self, commands: Sequence[Command], frame: int) -> None:
        super().submit([command for command in commands if not isinstance(command, self.hung)], frame)


@dataclass
class Guest:
    """A caller on the stage, and what became of the call."""

    call: Call
    leg: FixtureLeg
    line: Line

    def all(self, kind: type[T]) -> list[T]:
        """The timeline's events of a kind."""
        return [entry.event for entry in self.leg.entries if isinstance(entry.event, kind)]

    def first(self, kind: type[T], **values: object) -> Entry:
        """The first entry of a kind with these values."""
        fitting = (e for e in self.leg.entries if isinstance(e.event, kind))
        return next(e for e in fitting if all(getattr(e.event, name) == value for name, value in values.items()))

    @property
    def said(self) -> list[str]:
        """The responses that the bot began to say."""
        return [event.response for event in self.all(PromptStarted)]

    @property
    def outcome(self) -> str:
        """How the call ended."""
        (end,) = self.all(CallEnded)
        return end.outcome

    @property
    def lost(self) -> list[tuple[str, str]]:
        """The jobs that failed: kind and error."""
        return [(event.kind, event.error) for event in self.all(JobLost)]

    def heard_after(self, entry: Entry) -> bool:
        """Whether the caller heard something in the two seconds after an entry."""
        frames = self.leg.heard[entry.frame : entry.frame + 2 * FRAMES_PER_SECOND]
        return any(np.abs(frame).max(initial=0) > 500 for frame in frames)

    def course(self) -> list[dict[str, Any]]:
        """The timeline without what differs by chance: ids of queue entries."""
        lines = [json.loads(entry.as_json()) for entry in self.leg.entries]
        return [{key: value for key, value in line.items() if key not in ("entry", "position")} for line in lines]


@dataclass
class Stage:
    """A ticker, a database, and who calls."""

    house: House
    database: Database
    shared_trouble: bool = False
    """Whether what is broken is broken for all callers."""
    ticker: Ticker = field(init=False)
    calls: StoredCalls = field(init=False)

    def __post_init__(self) -> None:
        self.ticker = Ticker(self.house.activity())
        self.calls = StoredCalls(self.database)

    def enter(
        self,
        name: str,
        fixture: str,
        *,
        change: Change = lambda engines: engines,
        hung: tuple[type[Command], ...] = (),
        calls: Calls | None = None,
        wrap: Callable[[FixtureLeg], Leg] = lambda leg: leg,
        record: Callable[[Call], Recorder] | None = None,
    ) -> Guest:
        """A recorded caller calls; `change` breaks engines, `wrap` the leg, `hung` makes commands hang."""
        known = load(PROJECT / "audio_fixtures" / f"{fixture}.yml")
        facts = replace(facts_of(known), call_id=name)
        leg = FixtureLeg(read_audio_at(known.audio, facts.rate).samples, facts.rate, known.cues, known.echo)
        self.calls.open_call(facts)
        call = self.house.call(facts)
        engines = self.house.engines(facts.rate, calls or self.calls)
        jobs = Hanging(Work(change(replace(engines, voice=Forgetful(engines.voice))), name, facts.rate))
        jobs.hung = hung
        line = Line(call, wrap(leg), jobs, record)
        self.ticker.add(line)
        return Guest(call, leg, line)

    def play(self, seconds: float = 200) -> None:
        """Until all calls have ended."""
        run_virtual(self.ticker, round(seconds * FRAMES_PER_SECOND))
        assert not len(self.ticker), "every call ends"

    def stored(self, guest: Guest) -> tuple[TranscriptTurn, ...]:
        """The transcript in the database."""
        return CallStore(self.database).transcript(guest.call.facts.call_id)

    def row(self, guest: Guest) -> CallRow:
        """The call in the database."""
        return self.database.read(lambda session: session.get_one(CallRow, guest.call.facts.call_id))

    def packages(self, guest: Guest) -> list[HandOffPackage]:
        """The call's packages in the queue."""
        every = [entry.package for entry in CallQueue(self.database).list()]
        return [package for package in every if package.call_id == guest.call.facts.call_id]


@contextmanager
def stage(house: House, data: Path) -> Iterator[Stage]:
    """An empty stage; its database waits no longer than a blink for others."""
    with Database.open(data, deadline_s=0.02) as database:
        yield Stage(house, database)


def check_kept(on: Stage, guest: Guest) -> None:
    """Nothing that was said is lost, and the end of the call is known."""
    assert guest.call.transcript
    assert sorted(on.stored(guest), key=repr) == sorted(guest.call.transcript, key=repr)
    assert on.row(guest).outcome == guest.outcome


def check_apology(on: Stage, guest: Guest, response: str = APOLOGY) -> HandOffPackage:
    """The caller heard an apology, after the hand-off was stored, whose reason is a fault; the package."""
    check_kept(on, guest)
    apology = guest.first(PromptStarted, response=response)
    assert guest.first(HandedOff).frame <= apology.frame
    assert guest.heard_after(apology)
    assert guest.outcome == "handed_off"
    (package,) = on.packages(guest)
    assert package.reason is HandOffReason.ERROR
    assert set(package.transcript) <= set(guest.call.transcript)
    return package


def fail() -> object:
    """What an engine does on a bad day; its message quotes the caller."""
    raise RuntimeError(QUOTE)


@contextmanager
def locked_database(database: Database) -> Iterator[None]:
    """Another program that holds the write lock."""
    holder = sqlite3.connect(str(database._file), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()
