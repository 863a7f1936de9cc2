"""Frames of prompts: nothing is lost, nothing said twice but the word at which the caller broke in (hypothesis)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voicebot.audio.frame import Frame, frame_length
from voicebot.call.playout import GAP_MS, REWIND_MS, Ended, Playout, Prompt, Started
from voicebot.dialogue.events import Say
from voicebot.speech.synthesiser import SpeechAudio, WordMark

SAY = Say("utter_x", "text", "text")
FRAME = 160
WORD_FRAMES = 3


def plain(*lengths: int, value: int = 1000) -> SpeechAudio:
    """Words of so many samples of one value."""
    marks = tuple(WordMark(2 * n, sum(lengths[:n])) for n in range(len(lengths)))
    return SpeechAudio(" ".join("abcdefgh"[: len(lengths)]), np.full(sum(lengths), value, np.int16), 8000, marks)


def voiced(frame: Frame) -> int:
    """How many samples of a frame are sound."""
    return int(np.count_nonzero(frame.samples))


@given(
    st.lists(st.lists(st.integers(0, 500), min_size=1, max_size=4), max_size=4),
    st.sampled_from([8000, 16000]),
    st.booleans(),
)
def test_every_sample_of_every_piece_is_sent_once_in_order(prompts: list[list[int]], rate: int, late: bool) -> None:
    playout, expected = Playout(rate), []
    for number, pieces in enumerate(prompts):
        prompt = playout.add(SAY)
        for place, length in enumerate(pieces):
            samples = np.arange(1, length + 1, dtype=np.int16) + 1000 * number
            samples.setflags(write=False)
            expected.append(samples)
            frames = [playout.next() for _ in range(2)] if late else []
            assert all(frame.samples.shape == (frame_length(rate),) for frame in frames)
            playout.feed(prompt, SpeechAudio("x", samples, rate), last=place == len(pieces) - 1)
    sent = []
    while playout.active:
        sent.append(playout.next().samples)
        assert len(sent) < 10_000
    if not late:
        heard = np.concatenate(sent or [np.zeros(0, np.int16)])
        assert (heard[heard != 0] == np.concatenate(expected or [np.zeros(0, np.int16)])).all()
    assert all(frame.shape == (frame_length(rate),) and frame.dtype == np.int16 for frame in sent)


@dataclass
class Listener:
    """Knows from the samples where in the text each frame was: the n-th sample of all prompts has the value n."""

    playout: Playout = field(default_factory=lambda: Playout(8000))
    total: int = 0
    due: int = 1
    resumed: bool = False
    turned_back: int = 0
    words: list[int] = field(default_factory=list)

    def say(self, words: int, *, marked: bool) -> None:
        """Queue a prompt of so many words of 60 ms."""
        length = words * WORD_FRAMES * FRAME
        if self.total + length > 30_000:
            return
        starts = range(0, length, WORD_FRAMES * FRAME)
        samples = np.arange(self.total + 1, self.total + length + 1, dtype=np.int16)
        marks = tuple(WordMark(0, start) for start in starts) if marked else ()
        self.words += [self.total + 1 + start for start in starts] if marked else [self.total + 1]
        self.playout.add(SAY, SpeechAudio("x", samples, 8000, marks))
        self.total += length

    def hear(self) -> None:
        """The next frame."""
        frame = self.playout.next().samples
        assert frame.shape == (FRAME,)
        if self.playout.paused or not frame.any():
            assert voiced(Frame(frame)) <= FRAME // 4, "only a fade-out"
            return
        start = int(frame[-1]) - FRAME + 1
        if self.resumed:
            word = max((begin for begin in self.words if begin <= self.due), default=1)
            lowest = max(word, self.due - REWIND_MS * 8, self.turned_back)
            assert lowest <= start <= self.due
            assert frame[0] == 0, "it fades in"
            self.turned_back = start
        else:
            assert start == self.due
        self.due, self.resumed = start + FRAME, False


HAPPENINGS = st.one_of(
    st.tuples(st.just("say"), st.integers(1, 12), st.booleans()),
    st.tuples(st.just("pause"), st.just(0), st.just(False)),
    st.tuples(st.just("resume"), st.just(0), st.just(False)),
    st.tuples(st.just("hear"), st.integers(1, 20), st.just(False)),
)


BREAKS = [("hear", 3, False), ("pause", 0, False), ("resume", 0, False)]


@settings(max_examples=200)
@example([("say", 12, False), ("hear", 20, False), ("hear", 20, False), ("hear", 9, False), *BREAKS * 4])
@given(st.lists(HAPPENINGS, max_size=25))
def test_pausing_loses_nothing_and_repeats_at_most_a_word(happenings: list[tuple[str, int, bool]]) -> None:
    listener = Listener()
    for what, number, marked in [("say", 5, True), *happenings, ("resume", 0, False), ("hear", 400, False)]:
        if what == "say":
            listener.say(number, marked=marked)
        elif what == "pause":
            listener.playout.pause()
        elif what == "resume" and listener.playout.paused:
            listener.playout.resume()
            listener.resumed = listener.playout.active
        elif what == "hear":
            for _ in range(number):
                listener.hear()
    assert listener.due == listener.total + 1, "heard to the end"


def test_a_pause_is_silence_at_once_without_a_click() -> None:
    playout = Playout(8000)
    playout.add(SAY, plain(1600, value=8000))
    playout.next()
    playout.pause()
    faded = playout.next().samples
    assert faded[0] == 8000
    assert np.abs(np.diff(faded.astype(int))).max() < 300
    assert not playout.next().samples.any()


def test_prompts_follow_each_other_after_a_gap_and_tell_of_themselves() -> None:
    playout = Playout(8000)
    first, second = playout.add(SAY, plain(320)), playout.add(SAY, plain(160))
    news, loud = [], []
    for number in range(14):
        loud += [number] if playout.next().samples.any() else []
        news += [(number, type(each), each.prompt) for each in playout.news]
    gap = GAP_MS // 20
    assert loud == [0, 1, 2 + gap]
    assert news == [(0, Started, first), (1, Ended, first), (2 + gap, Started, second), (2 + gap, Ended, second)]
    assert not playout.active


def test_what_was_said_is_known_to_the_word() -> None:
    playout = Playout(8000)
    prompt = playout.add(SAY)
    playout.feed(
        prompt, SpeechAudio("one two ", np.ones(640, np.int16), 8000, (WordMark(0, 0), WordMark(4, 320))), last=False
    )
    playout.feed(prompt, SpeechAudio("three four", np.ones(640, np.int16), 8000), last=True)
    said = []
    for _ in range(8):
        said.append(prompt.said)
        playout.next()
    assert said[0] == ""
    assert said[1] == said[2] == "one"
    assert said[3] == "one two"
    assert said[6] == "one two three", "without marks it is guessed from the time"
    assert prompt.said == "one two three four"


def test_only_what_may_be_interrupted_is_dropped_and_nothing_after_a_number() -> None:
    playout = Playout(8000)
    must = Say("utter_must", "x", "x", interruptible=False)
    kept = [playout.add(say, plain(160)) for say in (SAY, must, SAY, SAY)]
    assert [prompt.number for prompt in kept] == [1, 2, 3, 4]
    assert playout.clear(last=3) == [kept[0], kept[2]]
    assert playout.number == 2
    assert not playout.interruptible
    assert playout.clear(everything=True) == [kept[1], kept[3]]
    assert playout.number == 0


@pytest.mark.parametrize("paused", [True, False])
def test_a_prompt_whose_audio_never_comes_makes_way(paused: bool) -> None:
    playout = Playout(8000)
    lost: Prompt = playout.add(SAY)
    playout.add(SAY, plain(160))
    assert not playout.next().samples.any()
    if paused:
        playout.pause()
    playout.drop(lost)
    playout.resume()
    assert any(playout.next().samples.any() for _ in range(3))
