"""What every part of a call keeps in common: the clock, and what is written down."""

from __future__ import annotations

from voicebot.call.clock import Clock
from voicebot.call.commands import CommitTurn
from voicebot.call.handoff import TranscriptTurn
from voicebot.call.jobs import Jobs
from voicebot.call.masks import Masks
from voicebot.call.timeline import Floor, FloorChanged, Timeline
from voicebot.dialogue.masking import mask_text


class Books:
    """The clock of a call, its jobs, its timeline, transcript and masks, and who has the word."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.jobs = Jobs(self.clock)
        self.masks = Masks(self.clock, self.jobs)
        self.timeline = Timeline(self.clock)
        self._turns: list[TranscriptTurn] = []
        self.floor = Floor.THINKING
        self.asked_ms: int | None = None
        """True end of the caller's speech that the bot's next prompt answers."""
        self.handed_off: str | None = None
        """The queue entry of the call once its package is stored."""

    def go(self, floor: Floor, reason: str) -> None:
        """Give the word to another party, and say why."""
        if floor is not self.floor:
            self.timeline.add(FloorChanged(self.floor, floor, reason))
            self.floor = floor

    @property
    def transcript(self) -> tuple[TranscriptTurn, ...]:
        """What was said so far, oldest first, masked."""
        return tuple(self._turns)

    def write(self, turn: TranscriptTurn) -> None:
        """Enter a turn, whose text is masked already, and have it committed."""
        self._turns.append(turn)
        self.jobs.emit(CommitTurn(turn))


def masked(text: str, *, sensitive: bool) -> str:
    """`text` as it may be written down: without the digits of a sensitive answer, and without long runs of digits."""
    return mask_text(text, minimum=1 if sensitive else 4)
