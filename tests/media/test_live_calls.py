"""Live calls in real time: several at once, and what becomes of them when the service is stopped."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.conftest import PROJECT
from tests.media.stage import locked_database
from voicebot.audio.files import read_audio_at
from voicebot.call.facts import CallFacts
from voicebot.call.timeline import CallEnded, PromptStarted
from voicebot.media.house import House
from voicebot.media.live_calls import LiveCalls
from voicebot.media.stored import StoredCalls
from voicebot.qa.caller import FixtureLeg
from voicebot.qa.fixture import load
from voicebot.qa.replay import facts_of
from voicebot.store.calls import CallStore
from voicebot.store.database import Database
from voicebot.store.tables import CallRow


def caller(name: str) -> tuple[CallFacts, FixtureLeg]:
    """Somebody who presses 0 after the greeting."""
    fixture = load(PROJECT / "audio_fixtures" / "human" / "zero_key.yml")
    leg = FixtureLeg(read_audio_at(fixture.audio, fixture.rate).samples, fixture.rate, fixture.cues)
    return replace(facts_of(fixture), call_id=name), leg


async def some_seconds(house: House, database: Database, seconds: float) -> list[FixtureLeg]:
    """Two calls, and a service that is stopped in the middle of them."""
    legs = []
    with LiveCalls(house, StoredCalls(database)) as live:
        for name in ("a", "b"):
            facts, leg = caller(name)
            await live.add(facts, leg)
            legs.append(leg)
        try:
            await asyncio.wait_for(live.run(), seconds)
        except TimeoutError:
            pass
        else:
            raise AssertionError("the calls were not to end by themselves")
    return legs


def test_a_stopped_service_leaves_no_call_behind(house: House, tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        legs = asyncio.run(some_seconds(house, database, 1.5))
        for name, leg in zip(("a", "b"), legs, strict=True):
            row = database.read(lambda session, name=name: session.get_one(CallRow, name))  # type: ignore[misc]
            assert (row.outcome, row.reason) == ("abandoned", "the service was stopped")
            assert isinstance(leg.entries[-1].event, CallEnded)
            (turn,) = CallStore(database).transcript(name)
            assert turn.speaker == "bot"
            assert turn.interrupted


def test_calls_are_answered_while_the_database_is_busy(house: House, tmp_path: Path) -> None:
    with Database.open(tmp_path, deadline_s=0.1) as database:
        with locked_database(database):
            legs = asyncio.run(some_seconds(house, database, 1.0))
        assert all(isinstance(leg.entries[-1].event, CallEnded) for leg in legs)
        assert all(any(isinstance(entry.event, PromptStarted) for entry in leg.entries) for leg in legs)
        database.import_spool()
        assert len(CallStore(database).transcript("a")) == len(CallStore(database).transcript("b")) == 1
