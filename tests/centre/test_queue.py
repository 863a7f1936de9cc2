from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.centre.packages import package, packages
from voicebot.call.handoff import HandOffPackage
from voicebot.centre.queue import (
    AlreadyResolvedError,
    AlreadyTakenError,
    CallQueue,
    NoSuchEntryError,
    NotTakenError,
    QueueError,
)
from voicebot.store import records
from voicebot.store.database import Database
from voicebot.store.engine import StoreError
from voicebot.store.tables import AuditRow, EntryState, OutboxRow

START = datetime(2025, 11, 21, 12, tzinfo=UTC)


class Clock:
    """A clock that moves a second at every look."""

    def __init__(self) -> None:
        self.seconds = 0

    def __call__(self) -> datetime:
        self.seconds += 1
        return START + timedelta(seconds=self.seconds)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path, deadline_s=2, now=Clock()) as opened:
        yield opened


def test_a_stored_package_is_found_as_it_was(database: Database) -> None:
    queue = CallQueue(database)
    entry, position = queue.store(package())
    assert re.fullmatch(r"Q-[2-9A-Z]{4}", entry)
    assert position == 1
    found = queue.show(entry.lower())
    assert found.package == package()
    assert (found.state, found.version, found.taken_by) == (EntryState.WAITING, 1, None)
    assert found.waited_s(found.waiting_since + timedelta(seconds=90)) == 90


@given(original=packages)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_package_survives_the_database(database: Database, original: HandOffPackage) -> None:
    queue = CallQueue(database, original.tenant)
    entry = queue.store(original).entry
    assert queue.show(entry).package == original
    queue.take(entry, "mia")  # a call that waits is not stored again


def test_a_call_waits_once(database: Database) -> None:
    queue = CallQueue(database)
    first = queue.store(package("a"))
    assert queue.store(package("a")) == first, "the first attempt only seemed to fail"
    assert queue.store(package("b")).position == 2
    queue.take(first.entry, "mia")
    assert queue.store(package("a")).entry != first.entry


def test_who_is_stored_is_stored_even_if_the_position_cannot_be_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = CallQueue(database)

    def read(_: object) -> None:
        raise StoreError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(database, "read", read)
        place = queue.store(package())
    assert [entry.id for entry in queue.list()] == [place.entry]


def test_priority_is_served_first_then_who_came_first(database: Database) -> None:
    queue = CallQueue(database)
    places = [
        queue.store(package("a")),
        queue.store(package("b", priority=5)),
        queue.store(package("c")),
        queue.store(package("d", priority=5)),
        queue.store(package("e", queue="cards")),
    ]
    assert [place.position for place in places] == [1, 1, 3, 2, 1]
    assert [entry.package.call_id for entry in queue.list()] == ["b", "d", "a", "c", "e"]
    assert [entry.package.call_id for entry in queue.list(queue="cards")] == ["e"]
    queue.take(places[1].entry, "mia")
    assert [entry.package.call_id for entry in queue.list()] == ["d", "a", "c", "e", "b"]


def test_an_entry_is_taken_and_resolved(database: Database) -> None:
    queue = CallQueue(database)
    entry = queue.store(package()).entry
    taken = queue.take(entry, "mia")
    assert (taken.state, taken.taken_by, taken.version) == (EntryState.TAKEN, "mia", 2)
    done = queue.resolve(entry, "mia", "called back")
    assert (done.state, done.note, done.version) == (EntryState.RESOLVED, "called back", 3)
    assert done.resolved_at is not None
    assert queue.list(EntryState.WAITING) == []
    assert [found.id for found in queue.list(EntryState.RESOLVED)] == [entry]


def test_each_change_is_audited_and_told(database: Database) -> None:
    queue = CallQueue(database)
    entry = queue.store(package()).entry
    queue.take(entry, "mia")
    queue.resolve(entry, "mia")
    acts = database.read(lambda session: session.execute(select(AuditRow.actor, AuditRow.action)).all())
    events = database.read(lambda session: session.scalars(select(OutboxRow)).all())
    assert [tuple(act) for act in acts] == [
        ("voicebot", "queue.waiting"),
        ("mia", "queue.taken"),
        ("mia", "queue.resolved"),
    ]
    assert [event.kind for event in events] == ["queue.waiting", "queue.taken", "queue.resolved"]
    assert events[0].payload["reason"] == "user_request"
    assert "+4930111" not in str([event.payload for event in events])


def test_what_cannot_be_says_why_and_leaves_no_trace(database: Database) -> None:
    queue = CallQueue(database)
    entry = queue.store(package()).entry
    with pytest.raises(NotTakenError, match=f"{entry} still waits; take it first: voicebot queue take {entry}"):
        queue.resolve(entry, "mia")
    queue.take(entry, "mia")
    with pytest.raises(AlreadyTakenError, match="already taken, by mia") as caught:
        queue.take(entry, "tom")
    assert caught.value.by == "mia"
    with pytest.raises(AlreadyTakenError, match="by mia"):
        queue.resolve(entry, "tom")
    queue.resolve(entry, "mia")
    with pytest.raises(AlreadyResolvedError, match="already resolved, by mia"):
        queue.take(entry, "tom")
    with pytest.raises(NoSuchEntryError, match="there is no Q-0000"):
        queue.show("Q-0000")
    assert len(database.read(lambda session: session.scalars(select(AuditRow)).all())) == 3


def test_of_many_who_take_at_once_one_wins(database: Database) -> None:
    entry = CallQueue(database).store(package()).entry
    barrier, outcomes = threading.Barrier(8), list[str]()

    def claim(agent: str) -> None:
        barrier.wait()
        try:
            outcomes.append(f"won by {CallQueue(database).take(entry, agent).taken_by}")
        except AlreadyTakenError as error:
            outcomes.append(f"lost to {error.by}")

    agents = [threading.Thread(target=claim, args=(f"agent{number}",)) for number in range(8)]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join()
    (winner,) = (outcome.removeprefix("won by ") for outcome in outcomes if outcome.startswith("won"))
    assert outcomes.count(f"lost to {winner}") == 7
    assert CallQueue(database).show(entry).taken_by == winner


@given(st.lists(st.tuples(st.sampled_from(["take", "resolve"]), st.sampled_from(["mia", "tom"])), max_size=5))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_agents_do_an_entry_has_one_holder(database: Database, acts: list[tuple[str, str]]) -> None:
    queue = CallQueue(database)
    entry = queue.store(package()).entry
    state, holder = EntryState.WAITING, None
    for act, agent in acts:
        try:
            after = queue.take(entry, agent) if act == "take" else queue.resolve(entry, agent)
        except QueueError:
            after = queue.show(entry)
            assert (after.state, after.taken_by) == (state, holder)
            assert not (act == "take" and state == EntryState.WAITING)
            assert not (act == "resolve" and state == EntryState.TAKEN and holder == agent)
        state, holder = after.state, after.taken_by
        assert holder is None or after.state != EntryState.WAITING


def test_a_stored_call_survives_a_kill(tmp_path: Path) -> None:
    code = """
import os, pathlib, signal, sys
from tests.centre.packages import package
from voicebot.centre.queue import CallQueue
from voicebot.store.database import Database
sys.stdout.write(CallQueue(Database.open(pathlib.Path(sys.argv[1]))).store(package()).entry)
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -9
    with Database.open(tmp_path) as database:
        assert CallQueue(database).show(done.stdout).package == package()


def test_a_busy_database_keeps_the_caller_and_the_place(tmp_path: Path) -> None:
    with Database.open(tmp_path, deadline_s=0.1) as database:
        queue = CallQueue(database)
        other = sqlite3.connect(tmp_path / "voicebot.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        first, second = queue.store(package("a")), queue.store(package("b"))
        assert (first.position, second.position) == (1, 2)
        other.execute("ROLLBACK")
        other.close()
        third = queue.store(package("c"))
        assert third.position == 3
        assert [entry.id for entry in queue.list()] == [first.entry, second.entry, third.entry]


def test_an_entry_whose_name_is_taken_gets_another(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "ID_LETTERS", "A")
    monkeypatch.setattr(records, "ID_DIGITS", "A")
    monkeypatch.setattr("voicebot.centre.queue.entry_id", lambda: "Q-AAAA")
    queue = CallQueue(database)
    assert [queue.store(package(name)).entry for name in ("a", "b")] == ["Q-AAAA", "Q-AAAAAA"]


def test_tenants_do_not_see_each_other(database: Database) -> None:
    entry = CallQueue(database).store(package()).entry
    other = CallQueue(database, "other")
    assert other.list() == []
    with pytest.raises(NoSuchEntryError):
        other.take(entry, "mia")
