"""The bot's ear: endpointing, echo, pre-roll, and the audio blocks that go to the recogniser."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicebot.audio.frame import FRAME_MS, Samples, ms_to_frames
from voicebot.call.books import Books
from voicebot.call.commands import FinishRecognition, RecogniseAudio, StartRecognition
from voicebot.call.events import VoiceActivity
from voicebot.dialogue.events import AnswerKind
from voicebot.speech.echo import EchoGuard
from voicebot.speech.endpointer import (
    PRE_ROLL_MS,
    Endpointer,
    EndReason,
    HangoverView,
    SpeechEnded,
    SpeechStarted,
    hangover_ms,
)
from voicebot.speech.recogniser import Hints

BLOCK_FRAMES: Final = 5
"""Audio goes to the recogniser in blocks of 100 ms."""
DETECTION_MS: Final = 200
"""How long the endpointer may take to decide that speech has begun (4 windows and some)."""
ECHO_TAIL_MS: Final = 500
"""How long after the bot's last word its echo may still come back."""
QUIET_MS: Final = 96
VOICED: Final = 0.35
"""From this probability on a window can begin or hold an utterance."""
RECOGNITION_DEADLINE_FRAMES: Final = 150


@dataclass(slots=True, eq=False)
class Utterance:
    """Speech of the caller on its way through the recogniser; `job` is the recogniser's.

    `over_prompt`: it began before the question that it may answer was asked to its end. `prompts`: how many prompts had
    been queued when it began; it cannot be about later ones.
    """

    job: int
    started_ms: int
    over_prompt: bool = False
    prompts: int = 0
    sensitive: bool = False
    ended_ms: int = 0
    partial: str = ""
    partial_since_ms: int = 0


class Ear:
    """Listens frame by frame; opens an utterance when speech starts and closes it at its end."""

    def __init__(self, rate: int, books: Books) -> None:
        self._clock = books.clock
        self._jobs = books.jobs
        self._endpointer = Endpointer()
        self._echo = EchoGuard(rate)
        self._recent: deque[Samples] = deque(maxlen=(PRE_ROLL_MS + DETECTION_MS) // FRAME_MS)
        self._block: list[Samples] = []
        self._bot_spoke_ms = -ECHO_TAIL_MS
        self.utterance: Utterance | None = None

    @property
    def speaking(self) -> bool:
        """Whether the caller is speaking now."""
        return self._endpointer.speaking

    @property
    def quiet(self) -> bool:
        """Whether the caller is not making a sound at this moment, be it within an utterance."""
        return self._endpointer.silent_for(self._clock.end_ms) >= QUIET_MS

    def bot_said(self, samples: Samples, *, voiced: bool) -> None:
        """What the bot sends in this frame."""
        if voiced:
            self._bot_spoke_ms = self._clock.now_ms
        self._echo.far(samples)

    def hear(self, samples: Samples) -> None:
        """One frame of the caller."""
        self._recent.append(samples)
        self._echo.near(samples)
        if self.utterance is not None:
            self._feed(samples)

    def window(
        self, activity: VoiceActivity, kind: AnswerKind, *, complete: bool
    ) -> SpeechStarted | SpeechEnded | None:
        """The voice-activity window that ended in this frame. `kind`, `complete`: see HangoverView.

        In the pauses of a closed question the recogniser gets every window at once: what it has heard decides how
        long to wait.
        """
        if activity.probability < VOICED and kind is not AnswerKind.OPEN:
            self._flush()
        now_ms = self._clock.end_ms - activity.lag_ms
        hangover = self._hangover(now_ms, kind, complete)
        probability = 0.0 if self._is_own_voice(activity.probability) else activity.probability
        return self._endpointer.window(probability, now_ms, hangover)

    def _is_own_voice(self, probability: float) -> bool:
        """Whether what was voiced is the bot's own voice coming back.

        Once the bot has fallen silent for a caller who speaks, an echo can no longer begin anything.
        """
        if probability < VOICED:
            return False
        tail = 0 if self.speaking else ECHO_TAIL_MS
        return self._clock.now_ms - self._bot_spoke_ms <= tail and self._echo.is_echo()

    def _hangover(self, now_ms: int, kind: AnswerKind, complete: bool) -> int:
        said = self.utterance
        if said is None:
            return 0
        stable = now_ms - said.partial_since_ms if said.partial else 0
        return hangover_ms(HangoverView(kind.value, said.partial, stable, complete))

    def open(
        self, event: SpeechStarted, hints: Hints, *, over_prompt: bool, prompts: int, sensitive: bool
    ) -> Utterance:
        """Start to recognise, from 300 ms before the onset."""
        job = self._jobs.start("recognise")
        self.utterance = Utterance(job, round(event.at_ms), over_prompt, prompts, sensitive)
        self._jobs.emit(StartRecognition(job, hints))
        frames = min(len(self._recent), ms_to_frames(self._clock.end_ms - event.at_ms + PRE_ROLL_MS))
        self._block = list(self._recent)[-frames:]
        self._flush()
        return self.utterance

    def close(self, event: SpeechEnded) -> Utterance | None:
        """The endpoint: the recogniser gets the rest and is asked for its result."""
        said, self.utterance = self.utterance, None
        if said is None:
            return None
        said.ended_ms = round(event.ended_ms)
        self._flush(said)
        if event.reason is EndReason.TOO_LONG:
            self._recent.clear()  # the caller speaks on: the next utterance begins where this one was cut
        self._jobs.emit(FinishRecognition(said.job, RECOGNITION_DEADLINE_FRAMES))
        self._jobs.limit(said.job, RECOGNITION_DEADLINE_FRAMES)
        return said

    def abandon(self) -> None:
        """Stop listening to the utterance under way."""
        if self.utterance is not None:
            self._jobs.cancel(self.utterance.job)
        self.utterance = None
        self._block = []
        self._recent.clear()
        self._endpointer.reset()

    def partial(self, job: int, text: str) -> bool:
        """The recogniser's text so far; True when that of the utterance under way has changed."""
        said = self.utterance
        if said is None or said.job != job or said.partial == text:
            return False
        said.partial, said.partial_since_ms = text, self._clock.end_ms
        return True

    def _feed(self, samples: Samples) -> None:
        self._block.append(samples)
        if len(self._block) >= BLOCK_FRAMES:
            self._flush()

    def _flush(self, said: Utterance | None = None) -> None:
        said = said or self.utterance
        if said is not None and self._block:
            self._jobs.emit(RecogniseAudio(said.job, np.concatenate(self._block)))
        self._block = []
