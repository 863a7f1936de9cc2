"""The ear: what the recogniser gets of a caller's speech, in order and whole; and not the bot's own voice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.audio.frame import FRAME_MS, Samples
from voicebot.call.books import Books
from voicebot.call.commands import CancelJob, FinishRecognition, RecogniseAudio, StartRecognition
from voicebot.call.ear import BLOCK_FRAMES, ECHO_TAIL_MS, Ear
from voicebot.call.events import VoiceActivity
from voicebot.dialogue.events import AnswerKind
from voicebot.speech.endpointer import PRE_ROLL_MS, EndReason, SpeechEnded, SpeechStarted
from voicebot.speech.recogniser import Hints


class Line:
    """An ear on a line whose n-th frame holds samples of the value n."""

    def __init__(self) -> None:
        self.books = Books()
        self.ear = Ear(8000, self.books)
        self.blocks: dict[int, list[int]] = {}
        self.sizes: dict[int, list[int]] = {}
        self.finished: list[int] = []
        self.cancelled: list[int] = []
        self.ends: list[SpeechEnded] = []

    def hear(self, probability: float, frames: int = 1, kind: AnswerKind = AnswerKind.OPEN) -> None:
        """Frames of the caller; the windows that end in them have this probability."""
        for _ in range(frames):
            frame = self.books.clock.frame
            self.ear.hear(np.full(160, frame, np.int16))
            end = (frame + 1) * FRAME_MS
            if end // 32 > frame * FRAME_MS // 32:
                event = self.ear.window(VoiceActivity(probability, end % 32), kind, complete=False)
                self.react(event)
            self.read()
            self.books.clock.frame += 1

    def react(self, event: SpeechStarted | SpeechEnded | None) -> None:
        if isinstance(event, SpeechStarted):
            self.ear.open(event, Hints("open"), over_prompt=False, prompts=0, sensitive=False)
        elif event is not None:
            self.ends.append(event)
            self.ear.close(event)

    def read(self) -> None:
        """Take the commands as an engine would."""
        for command in self.books.jobs.take():
            if isinstance(command, StartRecognition):
                self.blocks[command.job], self.sizes[command.job] = [], []
            elif isinstance(command, RecogniseAudio):
                self.blocks[command.job] += [int(value) for value in command.samples[::160]]
                self.sizes[command.job].append(command.samples.size)
            elif isinstance(command, FinishRecognition):
                self.finished.append(command.job)
            elif isinstance(command, CancelJob):
                self.cancelled.append(command.job)


def test_an_utterance_is_whole_with_the_sound_before_it() -> None:
    line = Line()
    line.hear(0, 50)
    line.hear(0.9, 40)
    line.hear(0, 60)
    (frames,) = line.blocks.values()
    assert frames == list(range(frames[0], frames[-1] + 1)), "every frame once, in order"
    assert 50 - PRE_ROLL_MS // FRAME_MS - 2 <= frames[0] <= 50 - PRE_ROLL_MS // FRAME_MS
    assert frames[-1] * FRAME_MS >= line.ends[0].ended_ms
    (sizes,) = line.sizes.values()
    assert set(sizes[1:-1]) == {BLOCK_FRAMES * 160}
    assert line.finished == [1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.3, 0.5, 0.95]), st.integers(1, 60)), max_size=12))
def test_whatever_is_said_each_utterance_is_gapless_and_all_speech_is_in_one(parts: list[tuple[float, int]]) -> None:
    line, voiced = Line(), set()
    for probability, frames in parts:
        if probability > 0.4 and frames >= 10:
            voiced |= set(range(line.books.clock.frame, line.books.clock.frame + frames))
        line.hear(probability, frames)
    line.hear(0, 70)
    sent = [frame for utterance in line.blocks.values() for frame in utterance]
    for utterance in line.blocks.values():
        assert utterance == list(range(utterance[0], utterance[-1] + 1))
    assert voiced <= set(sent)
    assert line.finished == list(line.blocks)


def test_speech_that_is_cut_for_its_length_is_heard_once() -> None:
    line = Line()
    line.hear(0.9, 16 * 50)
    line.hear(0, 60)
    first, second = line.blocks.values()
    assert line.ends[0].reason is EndReason.TOO_LONG
    assert first[-1] < second[0] <= first[-1] + 1, "no word of the seam is given to both"


def test_in_the_pauses_of_a_closed_question_every_window_goes_at_once() -> None:
    line = Line()
    line.hear(0.9, 20, AnswerKind.YES_NO)
    line.hear(0, 10, AnswerKind.YES_NO)
    (sizes,) = line.sizes.values()
    assert min(sizes[-4:]) < BLOCK_FRAMES * 160


def test_a_partial_counts_for_its_own_utterance_only() -> None:
    line = Line()
    line.hear(0.9, 20)
    assert not line.ear.partial(99, "the words before")
    assert line.ear.partial(1, "yes")
    assert not line.ear.partial(1, "yes"), "nothing new"
    assert line.ear.utterance is not None
    assert line.ear.utterance.partial == "yes"


def test_who_is_not_waited_for_is_forgotten_and_heard_afresh() -> None:
    line = Line()
    line.hear(0.9, 20)
    line.ear.abandon()
    line.read()
    assert (line.cancelled, line.ear.utterance, line.ear.speaking) == ([1], None, False)
    line.hear(0.9, 20)
    line.hear(0, 60)
    assert line.blocks[2][0] >= 20, "what was said before is not part of it"
    assert line.finished == [2]


@pytest.mark.parametrize("delay_ms", [60, 160, 300])
def test_the_bots_own_voice_is_nobodys_speech(delay_ms: int) -> None:
    """At -20 dB, as the detector takes it for speech; a caller over it is heard."""
    rng = np.random.default_rng(5)
    envelope = np.abs(np.sin(np.arange(8000 * 6) / 700))
    bot = (rng.standard_normal(8000 * 6) * 2500 * envelope).astype(np.int16)
    caller = (rng.standard_normal(8000) * 1200).astype(np.int16)
    books = Books()
    ear = Ear(8000, books)
    started: list[int] = []
    for frame in range(300):
        clock = books.clock.frame = frame
        part = _part(bot, frame * 160 - delay_ms * 8) // 10
        speaks = 200 <= frame < 250
        near = part + _part(caller, (frame - 200) * 160) if speaks else part
        ear.hear(near.astype(np.int16))
        if clock % 2:
            event = ear.window(VoiceActivity(0.9), AnswerKind.OPEN, complete=False)
            started += [frame] if isinstance(event, SpeechStarted) else []
        ear.bot_said(_part(bot, frame * 160), voiced=True)
    assert started
    assert 200 <= started[0] < 225


def _part(samples: Samples, start: int) -> Samples:
    """20 ms from `start` on; silence outside."""
    whole = np.zeros(160, np.int16)
    if 0 <= start <= len(samples) - 160:
        whole[:] = samples[start : start + 160]
    return whole


def test_an_echo_may_come_late_but_not_for_ever() -> None:
    """Once the bot has been silent for a while, whatever is voiced is the caller."""
    line = Line()
    line.ear.bot_said(np.full(160, 3000, np.int16), voiced=True)
    line.hear(0, ECHO_TAIL_MS // FRAME_MS + 2)
    line.hear(0.9, 12)
    assert line.ear.utterance is not None
