"""Puts the hand-off package together: the same for a call and for a chat."""

from __future__ import annotations

from collections.abc import Sequence

from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.call.summary import summarise
from voicebot.dialogue.events import HandOffReason, LearntSlot


def pack(
    facts: CallFacts,
    reason: HandOffReason,
    queue: str,
    priority: int,
    *,
    at_ms: int,
    wishes: Sequence[str],
    transcript: tuple[TranscriptTurn, ...],
    slots: tuple[LearntSlot, ...],
    recorded: bool = False,
    detail: str = "",
) -> HandOffPackage:
    """All that is known `at_ms` into the call, with the two sentences that sum it up."""
    return HandOffPackage(
        call_id=facts.call_id,
        caller=facts.caller,
        called=facts.called,
        language=facts.language,
        started_at=facts.started_at.isoformat(),
        at_ms=at_ms,
        reason=reason,
        queue=queue,
        priority=priority,
        summary=summarise(facts.caller, wishes, reason, slots, transcript),
        transcript=transcript,
        slots=slots,
        recording=facts.call_id if recorded else None,
        detail=detail,
        tenant=facts.tenant,
    )
