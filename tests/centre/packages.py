"""Hand-off packages for tests."""

from __future__ import annotations

from hypothesis import strategies as st

from voicebot.call.handoff import HandOffPackage, IntentTry, TranscriptTurn
from voicebot.dialogue.events import HandOffReason, LearntSlot


def package(call_id: str = "c-1", *, priority: int = 0, queue: str = "general") -> HandOffPackage:
    """A caller who asked for a person."""
    return HandOffPackage(
        call_id=call_id,
        caller="+4930111",
        called="+4930222",
        language="en",
        started_at="2025-11-21T09:00:00+01:00",
        at_ms=21_480,
        reason=HandOffReason.USER_REQUEST,
        queue=queue,
        priority=priority,
        summary="The caller asked about the balance. They want a person.",
        transcript=(
            TranscriptTurn("bot", "How can I help?", 0, 1500),
            TranscriptTurn("caller", "an agent please", 2100, 3300, 0.92, (IntentTry("human", 0.97),)),
        ),
        slots=(LearntSlot("account_number", "••••4321", confirmed=True, sensitive=True),),
        recording=f"recordings/{call_id}.rec",
    )


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
turns = st.builds(
    TranscriptTurn,
    speaker=texts,
    text=texts,
    start_ms=st.integers(0, 10**7),
    end_ms=st.integers(0, 10**7),
    confidence=st.none() | numbers,
    intents=st.lists(st.builds(IntentTry, name=texts, confidence=numbers), max_size=2).map(tuple),
    keyed=st.booleans(),
    interrupted=st.booleans(),
)
slots = st.builds(
    LearntSlot,
    name=texts,
    value=texts | numbers | st.booleans() | st.none(),
    confirmed=st.booleans(),
    sensitive=st.booleans(),
)
packages = st.builds(
    HandOffPackage,
    call_id=texts,
    caller=texts,
    called=texts,
    language=texts,
    started_at=st.datetimes().map(lambda moment: moment.isoformat() + "+00:00"),
    at_ms=st.integers(0, 10**7),
    reason=st.sampled_from(HandOffReason),
    queue=texts,
    priority=st.integers(-9, 9),
    summary=texts,
    transcript=st.lists(turns, max_size=3).map(tuple),
    slots=st.lists(slots, max_size=3).map(tuple),
    recording=st.none() | texts,
    detail=texts,
    tenant=texts,
)
