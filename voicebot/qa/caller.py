"""The leg of a scripted caller: plays parts of a recording, presses keys and hangs up when their moment comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicebot.audio.frame import FRAME_MS, FRAMES_PER_SECOND, Frame, Samples, frame_length
from voicebot.audio.mixing import mix
from voicebot.call.events import Digit, HungUp, Input
from voicebot.call.timeline import Entry, Floor, FloorChanged, PromptEnded, PromptStarted
from voicebot.qa.fixture import Cue, Echo

KEY_GAP_FRAMES: Final = 10
"""A key every 200 ms."""
LINGER_S: Final = 2.0
"""How long the caller waits in the human queue before the fixture ends."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A cue as it was played: true start and end of its voice in ms of the call."""

    cue: Cue
    start_ms: int
    end_ms: int


class FixtureLeg:
    """Plays `cues` over `audio` (at `rate` Hz). Time is its own frame count, which is the call's."""

    def __init__(self, audio: Samples, rate: int, cues: Sequence[Cue], echo: Echo | None = None) -> None:
        self._audio = audio
        self._rate = rate
        self._length = frame_length(rate)
        self._cues = deque(cues)
        self._frame = 0
        self._due: int | None = None
        self._playing: Samples = audio[:0]
        self._news: list[Input] = []
        self._keys: deque[tuple[int, str]] = deque()
        self._hang_up_at: int | None = None
        self._echo = echo
        self._sent: deque[Samples] = deque(maxlen=FRAMES_PER_SECOND)
        self.entries: list[Entry] = []
        self.spoken: list[Spoken] = []
        self.heard: list[Samples] = []
        self.said: list[Samples] = []
        self._arm()

    @property
    def waiting(self) -> tuple[Cue, ...]:
        """What the caller has not done yet."""
        return tuple(self._cues)

    def read(self) -> Frame:
        """The caller's next 20 ms: their voice, silence around it, and echo."""
        self._fire()
        part, self._playing = self._playing[: self._length], self._playing[self._length :]
        samples = np.zeros(self._length, np.int16)
        samples[: part.size] = part
        if self._echo is not None:
            samples = mix([samples, self._echoed(self._echo)])
        self.said.append(samples)
        self._frame += 1
        return Frame(samples)

    def _echoed(self, echo: Echo) -> Samples:
        behind = echo.delay_ms // FRAME_MS
        if len(self._sent) < behind:
            return np.zeros(self._length, np.int16)
        return (self._sent[-behind] * 10 ** (echo.gain_db / 20)).astype(np.int16)

    def news(self) -> Sequence[Input]:
        """Keys and the hang-up that are due in the frame that was read."""
        frame = self._frame - 1
        while self._keys and self._keys[0][0] <= frame:
            self._news.append(Digit(self._keys.popleft()[1]))
        if self._hang_up_at is not None and frame >= self._hang_up_at:
            self._news.append(HungUp())
            self._hang_up_at = None
        news, self._news = self._news, []
        return news

    def write(self, frame: Frame) -> None:
        """What the caller hears."""
        self.heard.append(frame.samples)
        self._sent.append(frame.samples)

    def watch(self, entries: Sequence[Entry]) -> None:
        """Prompts set off the cues that wait for them; in the human queue the caller lingers and hangs up."""
        self.entries.extend(entries)
        for entry in entries:
            event = entry.event
            if isinstance(event, PromptStarted):
                self._trigger("during", event.response)
            elif isinstance(event, PromptEnded):
                self._trigger("after", event.response)
            elif isinstance(event, FloorChanged) and event.after is Floor.WAITING and event.before is Floor.BOT:
                self._hang_up_at = self._frame + round(LINGER_S * FRAMES_PER_SECOND)

    def close(self) -> None:
        """Nothing is left to be done."""

    def _arm(self) -> None:
        """A cue that waits for a time needs no trigger."""
        if self._cues and self._cues[0].trigger == "at":
            self._due = max(self._frame, round(self._cues[0].wait * FRAMES_PER_SECOND))

    def _trigger(self, kind: str, response: str) -> None:
        if self._due is None and self._cues and (self._cues[0].trigger, self._cues[0].response) == (kind, response):
            self._due = self._frame + round(self._cues[0].wait * FRAMES_PER_SECOND)

    def _fire(self) -> None:
        if self._due is None or self._frame < self._due or self._playing.size:
            return
        cue, self._due = self._cues.popleft(), None
        if cue.keys:
            self._keys.extend((self._frame + i * KEY_GAP_FRAMES, key) for i, key in enumerate(cue.keys))
        elif not cue.hang_up or cue.end is not None:
            self._play(cue)
        if cue.hang_up:
            self._hang_up_at = self._frame + self._playing.size // self._length
        self._arm()

    def _play(self, cue: Cue) -> None:
        begin, end = round(cue.begin * self._rate), None if cue.end is None else round(cue.end * self._rate)
        self._playing = self._audio[begin:end]
        now = self._frame * FRAME_MS
        self.spoken.append(Spoken(cue, now, now + self._playing.size * 1000 // self._rate))
