"""What a recording must not keep: sensitive prompts, answers and keys, silenced from their first frame on."""

from __future__ import annotations

from voicebot.call.clock import Clock
from voicebot.call.commands import MaskRecording
from voicebot.call.jobs import Jobs


class Masks:
    """Reasons for silence may overlap; the recording is told of one open span at a time."""

    def __init__(self, clock: Clock, jobs: Jobs) -> None:
        self._clock = clock
        self._jobs = jobs
        self._reasons: set[str] = set()
        self._start = 0

    def open(self, reason: str) -> None:
        """Silence from this frame on."""
        if not self._reasons:
            self._start = self._clock.frame
            self.announce()
        self._reasons.add(reason)

    def close(self, reason: str, end: int) -> None:
        """No more silence for this reason from frame `end` on."""
        if reason not in self._reasons:
            return
        self._reasons.remove(reason)
        if not self._reasons:
            self._jobs.emit(MaskRecording(self._start, end))

    def announce(self) -> None:
        """Tell the recording of the open span; again when it begins within one."""
        self._jobs.emit(MaskRecording(self._start, None))

    @property
    def is_open(self) -> bool:
        """Whether this frame is silenced."""
        return bool(self._reasons)

    def span(self, start: int, end: int) -> None:
        """Silence the frames from `start` to `end` (exclusive), past or to come."""
        self._jobs.emit(MaskRecording(max(0, start), end))
