"""One ticker drives all calls of a process, 50 times a second."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from voicebot.audio.frame import FRAME_MS
from voicebot.call.events import VoiceActivity
from voicebot.logs import log, place_of
from voicebot.media.line import Line
from voicebot.speech.activity_batch import ActivityBatch, Stream
from voicebot.speech.webrtc import WebRtcDetector

TICK_S = FRAME_MS / 1000


class Ticker:
    """Reads every line's frame, runs voice activity once over all full windows of calls that listen, steps every call.

    Never waits, and never raises: whatever breaks in one call, the others go on.
    """

    def __init__(self, activity: ActivityBatch[Any]) -> None:
        self._activity = activity
        self._failures = 0
        self._lines: dict[Stream[Any], Line] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, line: Line) -> None:
        """A new call; its windows are shifted by its seed, so that those of many calls spread over the ticks."""
        facts = line.call.facts
        self._lines[self._activity.open(facts.rate, facts.seed % 8)] = line

    def tick(self) -> None:
        """20 ms of every call."""
        for stream, line in self._lines.items():
            frame = line.read()
            if line.call.listening:
                self._activity.push(stream, frame.samples)
        heard = self._heard()
        over = []
        for stream, line in self._lines.items():
            line.step(heard.get(stream))
            if line.ended:
                over.append(stream)
        for stream in over:
            del self._lines[stream]

    def _heard(self) -> dict[Stream[Any], VoiceActivity]:
        """Voice activity of the calls whose window is full."""
        try:
            found = self._activity.run()
        except Exception as error:  # noqa: BLE001 - see above
            self._detector_failed(error)
            return {}
        return {stream: VoiceActivity(value, round(stream.lag_ms)) for stream, value in found}

    def _detector_failed(self, error: Exception) -> None:
        """The plainest detector takes over; should that fail too, callers can still press keys."""
        self._failures += 1
        if self._failures > 2:
            return
        log().error("voice activity has failed", error=type(error).__name__, at=place_of(error))
        if self._failures == 1:
            self._activity = ActivityBatch(WebRtcDetector())
            lines, self._lines = self._lines, {}
            for line in lines.values():
                self.add(line)

    def hang_up(self, reason: str) -> None:
        """End all calls, each in one last frame."""
        for line in self._lines.values():
            line.hang_up(reason)
        self._lines.clear()


@dataclass(slots=True)
class Pace:
    """How punctual the live ticker is: lateness of each tick in ms."""

    late_ms: list[float] = field(default_factory=list)


async def run_live(ticker: Ticker, pace: Pace | None = None) -> None:
    """Tick in real time, from absolute deadlines, until no line is left."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while len(ticker):
        ticker.tick()
        due += TICK_S
        now = loop.time()
        if pace is not None:
            pace.late_ms.append(max(0.0, (now - due) * 1000))
        await asyncio.sleep(max(0.0, due - now))


def run_virtual(ticker: Ticker, most_ticks: int) -> None:
    """Tick as fast as the machine can, until no line is left or `most_ticks` have passed."""
    for _ in range(most_ticks):
        if not len(ticker):
            return
        ticker.tick()
