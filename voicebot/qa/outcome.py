"""What became of a replayed call, read off its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.call.timeline import (
    BargedIn,
    CallEnded,
    Entry,
    Heard,
    Meant,
    PromptStarted,
    RecordingChanged,
)
from voicebot.dialogue.events import NotUnderstood, SlotSet, SlotValue
from voicebot.qa.caller import Spoken
from voicebot.qa.fixture import Cue


@dataclass(frozen=True, slots=True)
class Outcome:
    """A replayed call. Delays in ms from the true end of the caller's speech to the bot's first frame.

    `missed`: what the caller was to do, and whose moment never came.
    """

    timeline: tuple[Entry, ...]
    transcript: tuple[TranscriptTurn, ...]
    spoken: tuple[Spoken, ...]
    package: HandOffPackage | None
    ended: str
    duration_ms: int
    missed: tuple[Cue, ...] = ()

    def heard(self) -> list[str]:
        """What the recogniser made of the caller's utterances, in order."""
        return [e.event.text for e in self.timeline if isinstance(e.event, Heard)]

    def intents(self) -> list[str]:
        """The intents of the caller's turns, in order."""
        return [e.event.intent for e in self.timeline if isinstance(e.event, Meant)]

    def prompts(self) -> list[str]:
        """The responses that the bot began to say, in order."""
        return [e.event.response for e in self.timeline if isinstance(e.event, PromptStarted)]

    def slots(self) -> dict[str, SlotValue]:
        """The slots at the end, sensitive ones masked."""
        return {e.event.name: e.event.value for e in self.timeline if isinstance(e.event, SlotSet)}

    def barge_ins(self, decision: str) -> int:
        """How many prompts were interrupted or resumed."""
        return sum(isinstance(e.event, BargedIn) and e.event.decision == decision for e in self.timeline)

    def not_understood(self) -> int:
        """How many no-matches and no-inputs there were."""
        return sum(isinstance(e.event, NotUnderstood) for e in self.timeline)

    def recorded(self) -> bool:
        """Whether the call was recorded, wholly or in part."""
        return any(isinstance(e.event, RecordingChanged) and e.event.state == "started" for e in self.timeline)

    def delays_ms(self) -> list[int]:
        """From the true end of the caller's voice to the prompt that answers it, for every answer."""
        prompts = [e.at_ms for e in self.timeline if isinstance(e.event, PromptStarted)]
        delays = []
        spoken = (e for e in self.timeline if isinstance(e.event, Meant) and e.event.engine != "keypad")
        for understood in (e.at_ms for e in spoken):
            said = max((s.end_ms for s in self.spoken if s.cue.text and s.end_ms <= understood), default=None)
            answer = next((at for at in prompts if at >= understood), None)
            if said is not None and answer is not None:
                delays.append(answer - said)
        return delays


def ended(timeline: Sequence[Entry]) -> str:
    """The outcome noted at the end of the call; `unfinished` when it did not end."""
    return next((e.event.outcome for e in reversed(timeline) if isinstance(e.event, CallEnded)), "unfinished")
