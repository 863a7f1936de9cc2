"""Two sentences for the human who takes the call."""

from __future__ import annotations

from collections.abc import Sequence

from voicebot.call.handoff import TranscriptTurn
from voicebot.dialogue.events import HandOffReason, LearntSlot
from voicebot.dialogue.spoken import written

WHY = {
    HandOffReason.USER_REQUEST: "asked for a human",
    HandOffReason.NO_MATCH_LIMIT: "was not understood several times in a row",
    HandOffReason.NO_INPUT_LIMIT: "did not answer several times in a row",
    HandOffReason.LOW_CONFIDENCE: "could not be understood with enough certainty",
    HandOffReason.POLICY: "needs something that the bot may not do",
    HandOffReason.VERIFICATION_FAILED: "could not be identified",
    HandOffReason.ERROR: "met a technical fault of the bot",
}


def summarise(
    caller: str,
    wishes: Sequence[str],
    reason: HandOffReason,
    slots: Sequence[LearntSlot],
    turns: Sequence[TranscriptTurn],
) -> str:
    """What the caller wanted and learnt facts; why the call is here and what was said last."""
    wanted = " and ".join(dict.fromkeys(w.replace("_", " ") for w in wishes)) or "nothing that the bot recognised"
    known = ", ".join(f"{s.name.replace('_', ' ')} {written(s.value)}" for s in slots if s.value not in (None, False))
    first = f"Caller {caller or 'with withheld number'} wanted: {wanted}{f' ({known})' if known else ''}."
    last = next((t.text for t in reversed(turns) if t.speaker == "caller" and t.text), "")
    return f"{first} The caller {WHY[reason]}{f'; last words: “{last}”' if last else ', without having said a word'}."
