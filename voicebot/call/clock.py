"""The clock of a call is its audio: it counts frames."""

from __future__ import annotations

from dataclasses import dataclass

from voicebot.audio.frame import FRAME_MS, FRAMES_PER_SECOND


@dataclass(slots=True)
class Clock:
    """`frame` is the index of the frame being worked on, 0 first."""

    frame: int = 0

    @property
    def now_ms(self) -> int:
        """Start of the frame in ms of the call."""
        return self.frame * FRAME_MS

    @property
    def end_ms(self) -> int:
        """End of the frame in ms of the call: all audio up to here has been heard."""
        return (self.frame + 1) * FRAME_MS

    def after(self, seconds: float) -> int:
        """The frame that begins `seconds` from now."""
        return self.frame + round(seconds * FRAMES_PER_SECOND)
