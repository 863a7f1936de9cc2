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
        return [delay for _, delay in answers(self.timeline, self.spoken)]


def answers(timeline: Sequence[Entry], spoken: Sequence[Spoken]) -> list[tuple[str, int]]:
    """The intent of each spoken answer, and the ms from the true end of the voice to the prompt that follows it."""
    prompts = [entry.at_ms for entry in timeline if isinstance(entry.event, PromptStarted)]
    found = []
    for entry in timeline:
        if not isinstance(entry.event, Meant) or entry.event.engine == "keypad":
            continue
        said = max((s.end_ms for s in spoken if s.cue.text and s.end_ms <= entry.at_ms), default=None)
        prompt = next((at for at in prompts if at >= entry.at_ms), None)
        if said is not None and prompt is not None:
            found.append((entry.event.intent, prompt - said))
    return found


def ended(timeline: Sequence[Entry]) -> str:
    """The outcome noted at the end of the call; `unfinished` when it did not end."""
    return next((e.event.outcome for e in reversed(timeline) if isinstance(e.event, CallEnded)), "unfinished")
