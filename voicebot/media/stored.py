"""Live calls kept in the database: what the engines' `Calls` seam means in a call centre."""

from __future__ import annotations

from datetime import timedelta

from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.centre.queue import CallQueue
from voicebot.store.calls import CallStore
from voicebot.store.database import Database
from voicebot.store.engine import UnfitError


class StoredCalls:
    """Calls, transcripts and hand-offs in the store; the call's own clock gives the times."""

    def __init__(self, database: Database) -> None:
        self._calls = CallStore(database)
        self._queue = CallQueue(database)
        self._facts: dict[str, CallFacts] = {}
        self._recordings: set[str] = set()

    def open_call(self, facts: CallFacts) -> None:
        """The call has begun."""
        self._open(facts)
        self._facts[facts.call_id] = facts

    def _open(self, facts: CallFacts) -> None:
        self._calls.open_call(
            facts.call_id,
            caller=facts.caller,
            called=facts.called,
            language=facts.language,
            started_at=facts.started_at,
        )

    def recorded(self, call_id: str) -> None:
        """The call is being recorded, under its own id."""
        self._recordings.add(call_id)

    def commit_turn(self, call_id: str, turn: TranscriptTurn) -> None:
        """One line of the transcript. A database that has lost the call, since it was removed, is told of it again."""
        try:
            self._calls.commit_turn(call_id, turn)
        except UnfitError:
            self._open(self._facts[call_id])
            self._calls.commit_turn(call_id, turn)

    def hand_off(self, package: HandOffPackage) -> tuple[str, int]:
        """Put the caller into the human queue."""
        place = self._queue.store(package)
        return place.entry, place.position

    def close_call(self, call_id: str, outcome: str, reason: str, duration_ms: int) -> None:
        """The call is over."""
        facts = self._facts.pop(call_id, None)
        if facts is None:
            return  # closed before
        self._calls.close_call(
            call_id,
            outcome=outcome,
            reason=reason,
            ended_at=facts.started_at + timedelta(milliseconds=duration_ms),
            recording=call_id if call_id in self._recordings else None,
        )
        self._recordings.discard(call_id)
