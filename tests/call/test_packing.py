"""What a human gets, whoever packs it."""

from __future__ import annotations

from datetime import UTC, datetime

from voicebot.call.facts import CallFacts
from voicebot.call.handoff import TranscriptTurn
from voicebot.call.packing import pack
from voicebot.dialogue.events import HandOffReason, LearntSlot


def test_a_package_holds_the_call_and_what_was_learnt() -> None:
    facts = CallFacts("c7", "+15550100", "100", datetime(2026, 3, 2, 10, tzinfo=UTC), tenant="north")
    turns = (TranscriptTurn("caller", "an agent please", 1000, 2000, 0.9),)
    slots = (LearntSlot("city", "boston", confirmed=True, sensitive=False),)
    reason = HandOffReason.USER_REQUEST
    package = pack(facts, reason, "cards", 2, at_ms=2500, wishes=["branch_hours"], transcript=turns, slots=slots)
    assert (package.call_id, package.tenant, package.queue, package.priority) == ("c7", "north", "cards", 2)
    assert (package.started_at, package.at_ms) == ("2026-03-02T10:00:00+00:00", 2500)
    assert (package.transcript, package.slots, package.recording) == (turns, slots, None)
    assert "branch hours" in package.summary
    recorded = pack(facts, reason, "cards", 2, at_ms=0, wishes=[], transcript=(), slots=(), recorded=True, detail="why")
    assert (recorded.recording, recorded.detail) == ("c7", "why")
