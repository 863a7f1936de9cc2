"""The human queue: calls that the bot handed off, who takes them, and when they are done.

An entry waits, is taken by one agent, and is resolved by that agent. Of two agents who take it at once one wins:
the change names the version that it saw, and a version is used once. Higher priority is served first, then who came
first.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from voicebot.call.handoff import HandOffPackage
from voicebot.centre.package_json import decode, encode
from voicebot.errors import VoicebotError
from voicebot.logs import log
from voicebot.store.database import Database
from voicebot.store.engine import StoreError
from voicebot.store.outbox import announce
from voicebot.store.records import entry_id
from voicebot.store.spool import Record
from voicebot.store.tables import DEFAULT_TENANT, EntryRow, EntryState


class QueueError(VoicebotError):
    """What was asked of the queue cannot be; the message says why and what to do."""


class NoSuchEntryError(QueueError):
    """There is no entry of that id."""


class AlreadyTakenError(QueueError):
    """Another claim came first; `by` is the agent who holds, or resolved, the entry."""

    def __init__(self, message: str, by: str) -> None:
        super().__init__(message)
        self.by = by


class NotTakenError(QueueError):
    """The entry must be taken before this."""


class AlreadyResolvedError(QueueError):
    """The entry is done; nothing more can happen to it."""


class Place(NamedTuple):
    """Where a call waits: the id of its entry, and its position, 1 for the next to be served."""

    entry: str
    position: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A call in the human queue. Times are aware (UTC)."""

    id: str
    state: EntryState
    version: int
    waiting_since: datetime
    package: HandOffPackage
    taken_by: str | None = None
    taken_at: datetime | None = None
    resolved_at: datetime | None = None
    note: str = ""

    def waited_s(self, now: datetime) -> float:
        """Seconds that the caller waited, until taken or until `now`."""
        return max(0.0, ((self.taken_at or now) - self.waiting_since).total_seconds())


class CallQueue:
    """The human queue of one tenant. Every method raises StoreError when the database fails."""

    def __init__(self, database: Database, tenant: str = DEFAULT_TENANT) -> None:
        self._database = database
        self._tenant = tenant

    def store(self, package: HandOffPackage) -> Place:
        """Put a call in the queue; it is safe when this returns, whatever happens to this process.

        While the database is busy it waits in the spool; its position is then that among the spooled.
        """
        proposed = entry_id()
        values = {
            "entry": proposed,
            "waiting_since": self.now().isoformat(),
            "package": {**encode(package), "tenant": self._tenant},
        }
        entry = self._database.keep(Record("hand_off", uuid.uuid4().hex, values))
        if entry is None:
            spooled = sum(record.kind == "hand_off" for _, record in self._database.spool.records())
            return Place(proposed, max(1, spooled))
        return Place(entry, self._position_of(entry))

    def _position_of(self, entry: str) -> int:
        """Where `entry` stands; 1 when that cannot be read now: the entry is stored all the same."""
        try:
            return self._database.read(lambda session: self._position(session, self._row(session, entry)))
        except (StoreError, NoSuchEntryError) as error:
            log().warning("the position in the queue cannot be read", entry=entry, reason=str(error))
            return 1

    def now(self) -> datetime:
        """The time by the clock that entries are stamped with."""
        return self._database.now()

    def list(self, state: EntryState | None = None, queue: str | None = None) -> list[Entry]:
        """The entries: who waits in the order of serving, then the taken, then the resolved ones.

        Only those of a state or a queue, if given.
        """

        def entries(session: Session) -> list[Entry]:
            chosen = self._entries()
            if state is not None:
                chosen = chosen.where(EntryRow.state == state)
            if queue is not None:
                chosen = chosen.where(EntryRow.queue == queue)
            rank = case({state: rank for rank, state in enumerate(EntryState)}, value=EntryRow.state)
            ordered = chosen.order_by(rank, EntryRow.priority.desc(), EntryRow.waiting_since, EntryRow.number)
            return [entry_of(row) for row in session.scalars(ordered)]

        return self._database.read(entries)

    def show(self, entry: str) -> Entry:
        """The entry with this id, in any case of letters. Raises NoSuchEntryError."""
        return self._database.read(lambda session: entry_of(self._row(session, entry)))

    def take(self, entry: str, agent: str) -> Entry:
        """`agent` takes the call. Raises NoSuchEntryError, AlreadyTakenError, AlreadyResolvedError."""

        def change(row: EntryRow, now: datetime) -> dict[str, Any]:
            if row.state != EntryState.WAITING:
                raise claimed(row)
            return {"state": EntryState.TAKEN, "taken_by": agent, "taken_at": now}

        return self._change(entry, agent, "queue.taken", change)

    def resolve(self, entry: str, agent: str, note: str = "") -> Entry:
        """`agent`, who took the call, is done with it.

        Raises NoSuchEntryError, NotTakenError, AlreadyTakenError (by somebody else), AlreadyResolvedError.
        """

        def change(row: EntryRow, now: datetime) -> dict[str, Any]:
            if row.state == EntryState.WAITING:
                raise NotTakenError(f"{row.id} still waits; take it first: voicebot queue take {row.id}")
            if row.state == EntryState.RESOLVED or row.taken_by != agent:
                raise claimed(row)
            return {"state": EntryState.RESOLVED, "resolved_at": now, "note": note}

        return self._change(entry, agent, "queue.resolved", change)

    def _change(
        self, entry: str, agent: str, kind: str, change: Callable[[EntryRow, datetime], dict[str, Any]]
    ) -> Entry:
        """Change an entry in one transaction with its audit row and event, unless somebody was quicker."""

        def work(session: Session) -> Entry:
            row, now = self._row(session, entry), self.now()
            values = {**change(row, now), "version": row.version + 1}
            seen = (EntryRow.number == row.number, EntryRow.version == row.version)
            done = session.execute(update(EntryRow).where(*seen).values(values))
            session.refresh(row)
            if isinstance(done, CursorResult) and done.rowcount == 0:
                raise claimed(row)
            announce(session, self._tenant, at=now, actor=agent, kind=kind, subject=row.id, detail={"queue": row.queue})
            return entry_of(row)

        return self._database.write(work)

    def _entries(self) -> Select[EntryRow]:
        return select(EntryRow).where(EntryRow.tenant_id == self._tenant)

    def _row(self, session: Session, entry: str) -> EntryRow:
        row = session.scalar(self._entries().where(EntryRow.id == entry.strip().upper()))
        if row is None:
            raise NoSuchEntryError(f"there is no {entry} in the queue; voicebot queue list shows what there is")
        return row

    def _position(self, session: Session, row: EntryRow) -> int:
        """How many wait in the same queue up to and with `row`."""
        earlier = (EntryRow.waiting_since < row.waiting_since) | (
            (EntryRow.waiting_since == row.waiting_since) & (EntryRow.number <= row.number)
        )
        before = or_(EntryRow.priority > row.priority, (EntryRow.priority == row.priority) & earlier)
        waiting = (EntryRow.tenant_id == self._tenant, EntryRow.queue == row.queue)
        counted = select(func.count()).where(*waiting, EntryRow.state == EntryState.WAITING, before)
        return max(1, session.scalar(counted) or 0)


def claimed(row: EntryRow) -> QueueError:
    """Why `row` is not free."""
    if row.state == EntryState.RESOLVED:
        return AlreadyResolvedError(f"{row.id} is already resolved, by {row.taken_by}; nothing is left to do")
    by = row.taken_by or "somebody else"
    return AlreadyTakenError(f"{row.id} is already taken, by {by}; take another, or ask {by}", by)


def entry_of(row: EntryRow) -> Entry:
    """A row as the rest of the house knows it."""
    return Entry(
        id=row.id,
        state=EntryState(row.state),
        version=row.version,
        waiting_since=row.waiting_since,
        package=decode(row.package),
        taken_by=row.taken_by,
        taken_at=row.taken_at,
        resolved_at=row.resolved_at,
        note=row.note,
    )
