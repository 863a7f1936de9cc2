"""The bot's mouth: prompts in order, frame by frame, paused at once and resumed from the word."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from voicebot.audio.frame import FRAME_MS, Frame, Samples, frame_length, silence
from voicebot.dialogue.events import Say
from voicebot.speech.synthesiser import SpeechAudio

GAP_MS: Final = 160
"""Pause between two prompts."""
REWIND_MS: Final = 400
"""How far a prompt without word marks goes back when it is resumed; not behind where it was resumed before."""


@dataclass(slots=True, eq=False)
class Prompt:
    """A prompt being said: pieces of audio as they come, and how far it got.

    `number`: the n-th of the call. `resumed`: the sample of its piece at which it was last resumed.
    """

    say: Say
    number: int
    pieces: list[SpeechAudio] = field(default_factory=list)
    complete: bool = False
    piece: int = 0
    sample: int = 0
    resumed: int = 0
    started: bool = False
    began_ms: int = 0

    @property
    def said(self) -> str:
        """The text up to the word reached."""
        text = "".join(p.text for p in self.pieces[: self.piece])
        if self.piece >= len(self.pieces):
            return text.strip()
        return (text + _spoken_part(self.pieces[self.piece], self.sample)).strip()


def _spoken_part(audio: SpeechAudio, sample: int) -> str:
    if sample == 0:
        return ""
    for mark in audio.marks:
        if mark.sample >= sample:
            return audio.text[: mark.char]
    if audio.marks:
        return audio.text
    words = audio.text.split(" ")
    return " ".join(words[: round(len(words) * sample / max(1, audio.samples.size))])


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """A prompt's first frame is being sent."""

    prompt: Prompt


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """A prompt's last frame is being sent."""

    prompt: Prompt


class Playout:
    """A queue of prompts at `rate` Hz. `news` is what happened in the last frame."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._length = frame_length(rate)
        self._silence = silence(rate)
        self._prompts: deque[Prompt] = deque()
        self._gap = 0
        self._fade_in = False
        self._last: Samples = self._silence.samples
        self.paused = False
        self.news: list[Started | Ended] = []
        self.added = 0
        """How many prompts have been queued so far."""

    @property
    def active(self) -> bool:
        """Whether anything is being said or waits to be said."""
        return bool(self._prompts)

    @property
    def interruptible(self) -> bool:
        """Whether the prompt of the moment may be barged into."""
        return bool(self._prompts) and self._prompts[0].say.interruptible

    @property
    def sounding(self) -> bool:
        """Whether the caller has heard part of the prompt of the moment."""
        return bool(self._prompts) and self._prompts[0].started

    @property
    def number(self) -> int:
        """Number of the prompt of the moment; 0 when there is none."""
        return self._prompts[0].number if self._prompts else 0

    def add(self, say: Say, audio: SpeechAudio | None = None) -> Prompt:
        """Queue a prompt; without `audio` its pieces follow through `feed`."""
        self.added += 1
        prompt = Prompt(say, self.added)
        if audio is not None:
            self.feed(prompt, audio, last=True)
        self._prompts.append(prompt)
        return prompt

    def feed(self, prompt: Prompt, audio: SpeechAudio, *, last: bool) -> None:
        """The next piece of a prompt."""
        prompt.pieces.append(audio)
        prompt.complete = last

    def drop(self, prompt: Prompt) -> None:
        """Forget a prompt whose audio does not come."""
        if prompt in self._prompts:
            self._prompts.remove(prompt)

    def pause(self) -> None:
        """Fall silent from the next frame on."""
        self.paused = True

    def resume(self) -> None:
        """Go on from the beginning of the word at which it was paused."""
        self.paused = False
        if self._prompts:
            self._rewind(self._prompts[0])
        self._fade_in = True

    def _rewind(self, prompt: Prompt) -> None:
        if prompt.piece >= len(prompt.pieces):
            return
        marks = [m.sample for m in prompt.pieces[prompt.piece].marks if m.sample <= prompt.sample]
        back = self._rate * REWIND_MS // 1000
        prompt.sample = prompt.resumed = marks[-1] if marks else max(prompt.resumed, prompt.sample - back)

    def clear(self, *, everything: bool = False, last: int | None = None) -> list[Prompt]:
        """Forget what may be interrupted up to prompt number `last`, or everything; the prompts that were dropped."""
        upto = self.added if last is None else last
        dropped = [p for p in self._prompts if everything or (p.say.interruptible and p.number <= upto)]
        self._prompts = deque(prompt for prompt in self._prompts if prompt not in dropped)
        self.paused = False
        self._gap = 0
        return dropped

    def next(self) -> Frame:
        """The next 20 ms."""
        if self.news:
            self.news = []
        if self._gap > 0:
            self._gap -= 1
            return self._quiet()
        if self.paused or not self._prompts:
            return self._fade_out() if self._last is not self._silence.samples else self._silence
        return self._voice(self._prompts[0])

    def _quiet(self) -> Frame:
        self._last = self._silence.samples
        return self._silence

    def _fade_out(self) -> Frame:
        """5 ms down from the last sample, so that stopping at once does not click."""
        level = float(self._last[-1])
        self._last = self._silence.samples
        if abs(level) < 64:
            return self._silence
        samples = np.zeros(self._length, np.int16)
        ramp = self._length // 4
        samples[:ramp] = np.linspace(level, 0, ramp).astype(np.int16)
        return Frame(samples)

    def _voice(self, prompt: Prompt) -> Frame:
        samples = self._read(prompt)
        if samples is None:
            return self._quiet()
        if not prompt.started:
            prompt.started = True
            self.news.append(Started(prompt))
        if self._fade_in:
            samples = (samples * np.linspace(0, 1, self._length)).astype(np.int16)
            self._fade_in = False
        if prompt.complete and prompt.piece >= len(prompt.pieces):
            self._finish(prompt)
        self._last = samples
        return Frame(samples)

    def _finish(self, prompt: Prompt) -> None:
        self._prompts.popleft()
        self.news.append(Ended(prompt))
        self._gap = GAP_MS // FRAME_MS

    def _read(self, prompt: Prompt) -> Samples | None:
        """Up to 20 ms of the prompt, padded with silence; None while its audio has not come."""
        if prompt.piece >= len(prompt.pieces):
            return self._silence.samples if prompt.complete else None
        audio = prompt.pieces[prompt.piece].samples
        end = prompt.sample + self._length
        part = audio[prompt.sample : end]
        if end < audio.size:
            prompt.sample = end
            return part
        prompt.piece, prompt.sample, prompt.resumed = prompt.piece + 1, 0, 0
        if part.size == self._length:
            return part
        return np.concatenate([part, self._silence.samples[part.size :]])
