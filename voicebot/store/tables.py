"""The tables, as typed classes. Every table has `tenant_id`; every time is UTC.

A change here needs a migration in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, Float, ForeignKey, Index, Integer, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DEFAULT_TENANT = "default"


class Utc(TypeDecorator[datetime]):
    """A moment: aware on both sides, UTC in the database (SQLite keeps no offset)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC; a naive time is a mistake."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without an offset cannot be stored")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Number = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=True)]
Tenant = Annotated[str, mapped_column(String, default=DEFAULT_TENANT)]
Name = Annotated[str, mapped_column(String)]
CallRef = Annotated[str, mapped_column(ForeignKey("calls.id"))]


class Base(DeclarativeBase):
    """The set of all tables."""

    type_annotation_map = {datetime: Utc, dict[str, Any]: JSON, list[dict[str, Any]]: JSON, float: Float}  # noqa: RUF012


class CallRow(Base):
    """A call, from its first frame on. `outcome`: completed, handed_off or abandoned; None while it runs."""

    __tablename__ = "calls"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    tenant_id: Mapped[Tenant]
    caller: Mapped[Name]
    called: Mapped[Name]
    language: Mapped[Name]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[Name | None]
    reason: Mapped[Name | None]
    recording: Mapped[Name | None]

    __table_args__ = (Index("ix_calls_started", "tenant_id", "started_at"),)


class TurnRow(Base):
    """A line of a transcript. `uid` makes an import from the spool harmless when repeated."""

    __tablename__ = "turns"

    number: Mapped[Number]
    uid: Mapped[str] = mapped_column(String, unique=True)
    tenant_id: Mapped[Tenant]
    call_id: Mapped[CallRef]
    speaker: Mapped[Name]
    text: Mapped[str] = mapped_column(Text)
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    confidence: Mapped[float | None]
    intents: Mapped[list[dict[str, Any]]]
    keyed: Mapped[bool]
    interrupted: Mapped[bool]

    __table_args__ = (Index("ix_turns_call", "call_id", "start_ms"),)


class EntryState(enum.StrEnum):
    """Where a call in the human queue stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    RESOLVED = "resolved"


class EntryRow(Base):
    """A call in the human queue. `version` rises with every change, so that of two claims one wins.

    `uid` makes an import from the spool harmless when repeated.
    """

    __tablename__ = "queue_entries"

    number: Mapped[Number]
    uid: Mapped[str] = mapped_column(String, unique=True)
    id: Mapped[str] = mapped_column(String, unique=True)
    tenant_id: Mapped[Tenant]
    call_id: Mapped[CallRef]
    queue: Mapped[Name]
    reason: Mapped[Name]
    priority: Mapped[int]
    state: Mapped[Name]
    version: Mapped[int]
    waiting_since: Mapped[datetime]
    taken_by: Mapped[Name | None]
    taken_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    package: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_queue_entries_order", "tenant_id", "queue", "state", "priority", "waiting_since"),
        Index("ix_queue_entries_call", "call_id"),
    )


class OutboxRow(Base):
    """An event on its way out; committed with the change that it tells of. `sent_at` None: still to be sent."""

    __tablename__ = "outbox"

    number: Mapped[Number]
    tenant_id: Mapped[Tenant]
    kind: Mapped[Name]
    subject: Mapped[Name]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_outbox_unsent", "sent_at", "number"),)


class AuditRow(Base):
    """Who did what to what, when. Never changed, never without the change itself."""

    __tablename__ = "audit"

    number: Mapped[Number]
    tenant_id: Mapped[Tenant]
    at: Mapped[datetime]
    actor: Mapped[Name]
    action: Mapped[Name]
    subject: Mapped[Name]
    detail: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_audit_subject", "tenant_id", "subject"),)
