"""Calls, their turns, the human queue, events and audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def number() -> sa.Column[int]:
    """The running number of a row."""
    return sa.Column("number", sa.Integer, primary_key=True, autoincrement=True)


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """A column of text of any length."""
    return sa.Column(name, sa.String, nullable=nullable)


def upgrade() -> None:
    """Make the first tables."""
    calls()
    turns()
    queue_entries()
    outbox()
    audit()


def calls() -> None:
    """A row a call."""
    op.create_table(
        "calls",
        sa.Column("id", sa.String, primary_key=True),
        text("tenant_id"),
        text("caller"),
        text("called"),
        text("language"),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        text("outcome", nullable=True),
        text("reason", nullable=True),
        text("recording", nullable=True),
    )
    op.create_index("ix_calls_started", "calls", ["tenant_id", "started_at"])


def turns() -> None:
    """A row a line of a transcript."""
    op.create_table(
        "turns",
        number(),
        sa.Column("uid", sa.String, unique=True, nullable=False),
        text("tenant_id"),
        sa.Column("call_id", sa.String, sa.ForeignKey("calls.id"), nullable=False),
        text("speaker"),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=False),
        sa.Column("confidence", sa.Float),
        sa.Column("intents", sa.JSON, nullable=False),
        sa.Column("keyed", sa.Boolean, nullable=False),
        sa.Column("interrupted", sa.Boolean, nullable=False),
    )
    op.create_index("ix_turns_call", "turns", ["call_id", "start_ms"])


def queue_entries() -> None:
    """A row a call that waits, or waited, for a human."""
    op.create_table(
        "queue_entries",
        number(),
        sa.Column("uid", sa.String, unique=True, nullable=False),
        sa.Column("id", sa.String, unique=True, nullable=False),
        text("tenant_id"),
        sa.Column("call_id", sa.String, sa.ForeignKey("calls.id"), nullable=False),
        text("queue"),
        text("reason"),
        sa.Column("priority", sa.Integer, nullable=False),
        text("state"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("waiting_since", MOMENT, nullable=False),
        text("taken_by", nullable=True),
        sa.Column("taken_at", MOMENT),
        sa.Column("resolved_at", MOMENT),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("package", sa.JSON, nullable=False),
    )
    op.create_index(
        "ix_queue_entries_order", "queue_entries", ["tenant_id", "queue", "state", "priority", "waiting_since"]
    )
    op.create_index("ix_queue_entries_call", "queue_entries", ["call_id"])


def outbox() -> None:
    """A row an event."""
    op.create_table(
        "outbox",
        number(),
        text("tenant_id"),
        text("kind"),
        text("subject"),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
    )
    op.create_index("ix_outbox_unsent", "outbox", ["sent_at", "number"])


def audit() -> None:
    """A row an act."""
    op.create_table(
        "audit",
        number(),
        text("tenant_id"),
        sa.Column("at", MOMENT, nullable=False),
        text("actor"),
        text("action"),
        text("subject"),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("ix_audit_subject", "audit", ["tenant_id", "subject"])
