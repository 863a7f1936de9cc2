"""Calls and their transcripts, written while the call runs."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from voicebot.call.handoff import IntentTry, TranscriptTurn
from voicebot.store.database import Database
from voicebot.store.spool import Record
from voicebot.store.tables import DEFAULT_TENANT, TurnRow


class CallStore:
    """The calls of one tenant. What it is given survives a crash, and a busy database (see `Database.keep`)."""

    def __init__(self, database: Database, tenant: str = DEFAULT_TENANT) -> None:
        self._database = database
        self._tenant = tenant

    def open_call(self, call_id: str, *, caller: str, called: str, language: str, started_at: datetime) -> None:
        """A call begins. `started_at` is aware. Raises StoreError."""
        facts = {"caller": caller, "called": called, "language": language, "started_at": started_at.isoformat()}
        self._keep("call", {"call_id": call_id, **facts, "tenant_id": self._tenant})

    def commit_turn(self, call_id: str, turn: TranscriptTurn) -> None:
        """Keep one line of the transcript, whose text is masked already. Raises StoreError."""
        self._keep("turn", {"call_id": call_id, "tenant_id": self._tenant, **asdict(turn)})

    def close_call(
        self, call_id: str, *, outcome: str, reason: str, ended_at: datetime, recording: str | None = None
    ) -> None:
        """A call has ended. Raises StoreError."""
        facts = {"outcome": outcome, "reason": reason, "ended_at": ended_at.isoformat(), "recording": recording}
        self._keep("call_end", {"call_id": call_id, **facts})

    def transcript(self, call_id: str) -> tuple[TranscriptTurn, ...]:
        """What was said, in order of its beginning; empty for an unknown call. Raises StoreError."""

        def turns(session: Session) -> tuple[TranscriptTurn, ...]:
            chosen = select(TurnRow).where(TurnRow.call_id == call_id, TurnRow.tenant_id == self._tenant)
            return tuple(map(turn_of, session.scalars(chosen.order_by(TurnRow.start_ms, TurnRow.number))))

        return self._database.read(turns)

    def _keep(self, kind: str, values: dict[str, Any]) -> None:
        self._database.keep(Record(kind, uuid.uuid4().hex, values))


def turn_of(row: TurnRow) -> TranscriptTurn:
    """A row as the call room knows it."""
    intents = tuple(IntentTry(intent["name"], intent["confidence"]) for intent in row.intents)
    return TranscriptTurn(
        row.speaker, row.text, row.start_ms, row.end_ms, row.confidence, intents, row.keyed, row.interrupted
    )
