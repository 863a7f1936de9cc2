"""Live calls in a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.media.test_inline import PACKAGE
from voicebot.call.facts import CallFacts
from voicebot.call.handoff import IntentTry, TranscriptTurn
from voicebot.centre.queue import CallQueue
from voicebot.media.stored import StoredCalls
from voicebot.store.calls import CallStore
from voicebot.store.database import Database
from voicebot.store.tables import CallRow

FACTS = CallFacts("c", "+15550100", "100", datetime(2026, 3, 2, 10, tzinfo=UTC))
TURN = TranscriptTurn("caller", "an agent please", 1000, 2000, 0.8, (IntentTry("talk_to_human", 0.9),))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path) as opened:
        yield opened


def row(database: Database) -> CallRow:
    return database.read(lambda session: session.get_one(CallRow, "c"))


@pytest.mark.parametrize("recorded", [True, False])
def test_a_call_from_its_first_line_to_its_end(database: Database, recorded: bool) -> None:
    calls = StoredCalls(database)
    calls.open_call(FACTS)
    calls.commit_turn("c", TURN)
    if recorded:
        calls.recorded("c")
    entry, position = calls.hand_off(PACKAGE)
    calls.close_call("c", "handed_off", "the caller hung up", 61_000)
    assert CallStore(database).transcript("c") == (TURN,)
    assert (CallQueue(database).show(entry).package, position) == (PACKAGE, 1)
    kept = row(database)
    assert (kept.caller, kept.outcome, kept.recording) == ("+15550100", "handed_off", "c" if recorded else None)
    assert kept.ended_at == FACTS.started_at + timedelta(seconds=61), "by the call's own clock"


def test_a_call_is_closed_once(database: Database) -> None:
    calls = StoredCalls(database)
    calls.open_call(FACTS)
    calls.close_call("c", "completed", "goodbye", 1000)
    calls.close_call("c", "failed", "the call is lost", 9000)
    assert row(database).outcome == "completed"
