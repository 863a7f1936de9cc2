"""The package with which a call goes to a human."""

from __future__ import annotations

from dataclasses import dataclass

from voicebot.dialogue.events import HandOffReason, LearntSlot


@dataclass(frozen=True, slots=True)
class IntentTry:
    """An intent the bot considered in a turn."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TranscriptTurn:
    """What one side said, with sensitive digits masked.

    Times in ms from the start of the call; `confidence` is the recogniser's (None for the bot); `keyed`: by keypad.
    """

    speaker: str
    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None
    intents: tuple[IntentTry, ...] = ()
    keyed: bool = False
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class HandOffPackage:
    """All a human needs to go on where the bot stopped. `started_at` is ISO 8601 with offset."""

    call_id: str
    caller: str
    called: str
    language: str
    started_at: str
    at_ms: int
    reason: HandOffReason
    queue: str
    priority: int
    summary: str
    transcript: tuple[TranscriptTurn, ...]
    slots: tuple[LearntSlot, ...]
    recording: str | None
    detail: str = ""
    tenant: str = "default"
