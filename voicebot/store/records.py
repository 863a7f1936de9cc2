"""The records that must not be lost, and how each becomes rows. Applying one twice is the same as once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from voicebot.store.outbox import announce
from voicebot.store.spool import Record
from voicebot.store.tables import CallRow, EntryRow, EntryState, TurnRow

BOT: Final = "voicebot"
"""The actor of what no person did."""

ID_DIGITS: Final = "23456789"
ID_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters that are not mistaken for one another, read or heard."""


def entry_id(length: int = 4) -> str:
    """A new short name for a queue entry, such as Q-7F3K."""
    sets = (ID_DIGITS, ID_LETTERS)  # in turn, so that no word comes of it
    return "Q-" + "".join(secrets.choice(sets[place % 2]) for place in range(length))


def apply(session: Session, record: Record) -> str:
    """Make rows of `record`, unless they are there; the id of what it made.

    Raises IntegrityError, LookupError or ValueError when the record does not fit.
    """
    return APPLIERS[record.kind](session, record)


def open_call(session: Session, record: Record) -> str:
    """A call begins."""
    values = record.values
    call, started = values["call_id"], datetime.fromisoformat(values["started_at"])
    row = session.get(CallRow, call)
    if row is not None and row.started_at == started:
        return row.id
    facts = {name: values[name] for name in ("caller", "called", "language", "tenant_id")}
    session.add(CallRow(id=call, started_at=started, **facts))
    session.flush()
    announce(session, values["tenant_id"], at=started, actor=BOT, kind="call.opened", subject=call, detail={})
    return str(call)


def close_call(session: Session, record: Record) -> str:
    """A call has ended."""
    values = record.values
    row = session.get(CallRow, values["call_id"])
    if row is None:
        raise LookupError("the call was never opened")
    ended = datetime.fromisoformat(values["ended_at"])
    if row.ended_at != ended:
        row.ended_at, row.outcome, row.reason = ended, values["outcome"], values["reason"]
        row.recording = values["recording"]
        told = {"outcome": row.outcome}
        announce(session, row.tenant_id, at=ended, actor=BOT, kind="call.closed", subject=row.id, detail=told)
    return row.id


def add_turn(session: Session, record: Record) -> str:
    """A line of a transcript."""
    if session.scalar(select(TurnRow.number).where(TurnRow.uid == record.uid)) is None:
        session.add(TurnRow(uid=record.uid, **record.values))
        session.flush()
    return record.uid


def add_entry(session: Session, record: Record) -> str:
    """A call joins the human queue; its id differs from the one proposed when that is taken.

    A call waits once: stored again, because the first attempt seemed to fail, it keeps the entry that it has.
    """
    values = record.values
    package: dict[str, Any] = values["package"]
    waits = (EntryRow.call_id == package["call_id"]) & (EntryRow.state == EntryState.WAITING)
    same = EntryRow.tenant_id == package["tenant"]
    known = session.scalar(select(EntryRow.id).where((EntryRow.uid == record.uid) | (waits & same)))
    if known is not None:
        return known
    since = datetime.fromisoformat(values["waiting_since"])
    ensure_call(session, package)
    row = EntryRow(
        uid=record.uid,
        id=free_id(session, values["entry"]),
        tenant_id=package["tenant"],
        call_id=package["call_id"],
        queue=package["queue"],
        reason=package["reason"],
        priority=package["priority"],
        state=EntryState.WAITING,
        version=1,
        waiting_since=since,
        note="",
        package=package,
    )
    session.add(row)
    session.flush()
    told = {"call": row.call_id, "queue": row.queue, "priority": row.priority, "reason": row.reason}
    announce(session, row.tenant_id, at=since, actor=BOT, kind="queue.waiting", subject=row.id, detail=told)
    return row.id


def ensure_call(session: Session, package: dict[str, Any]) -> None:
    """The call of a package, should it not be there (a text chat opens none)."""
    if session.get(CallRow, package["call_id"]) is None:
        facts = {name: package[name] for name in ("caller", "called", "language")}
        started = datetime.fromisoformat(package["started_at"])
        session.add(CallRow(id=package["call_id"], tenant_id=package["tenant"], started_at=started, **facts))
        session.flush()


def free_id(session: Session, proposed: str) -> str:
    """`proposed`, or a longer name when another entry has it."""
    name = proposed
    while session.scalar(select(EntryRow.number).where(EntryRow.id == name)) is not None:
        name = entry_id(length=6)
    return name


APPLIERS: Final[dict[str, Callable[[Session, Record], str]]] = {
    "call": open_call,
    "call_end": close_call,
    "turn": add_turn,
    "hand_off": add_entry,
}
