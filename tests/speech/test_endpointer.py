"""Starts and ends of speech, on made-up probabilities and on recorded words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.speech.recorded import blocks, digits, noisy, with_pauses
from voicebot.speech.activity_batch import ActivityBatch
from voicebot.speech.endpointer import (
    PRE_ROLL_MS,
    Endpointer,
    EndpointerSettings,
    EndReason,
    HangoverView,
    SpeechEnded,
    SpeechStarted,
    hangover_ms,
)
from voicebot.speech.silero import SileroDetector

Event = SpeechStarted | SpeechEnded


def feed(endpointer: Endpointer, probabilities: list[float], hangover: float = 500, first: int = 0) -> list[Event]:
    events = []
    for number, probability in enumerate(probabilities, first + 1):
        event = endpointer.window(probability, number * 32, hangover)
        if event is not None:
            events.append(event)
    return events


def test_speech_has_its_true_begin_and_end() -> None:
    events = feed(Endpointer(), [0.0] * 10 + [0.9] * 20 + [0.0] * 20)
    assert events == [SpeechStarted(320), SpeechEnded(320, 960, EndReason.SILENCE)]


def test_three_of_four_windows_start_speech() -> None:
    endpointer = Endpointer()
    assert feed(endpointer, [0.0, 0.9, 0.2, 0.9]) == []
    assert feed(endpointer, [0.9], first=4) == [SpeechStarted(32)]
    assert endpointer.speaking


@pytest.mark.parametrize("blip", [[0.9], [0.9, 0.9], [0.9, 0, 0.9, 0, 0.9], [0.39] * 30])
def test_a_blip_starts_nothing(blip: list[float]) -> None:
    endpointer = Endpointer()
    assert feed(endpointer, [0.0] * 5 + blip + [0.0] * 40) == []
    assert endpointer.silent_for(2000) == 2000


def test_softer_speech_carries_on_and_a_pause_shorter_than_the_hangover_too() -> None:
    speech = [0.9] * 4 + [0.36] * 30 + [0.1] * 15 + [0.4] + [0.1] * 15
    events = feed(Endpointer(), [*speech, 0.0])
    assert events == [SpeechStarted(0), SpeechEnded(0, 50 * 32, EndReason.SILENCE)]


@pytest.mark.parametrize(("hangover", "windows"), [(250, 8), (280, 9), (500, 16), (1000, 32)])
def test_end_comes_after_the_hangover(hangover: float, windows: int) -> None:
    endpointer = Endpointer()
    feed(endpointer, [0.9] * 10)
    assert feed(endpointer, [0.0] * (windows - 1), hangover, first=10) == []
    assert len(feed(endpointer, [0.0], hangover, first=10 + windows - 1)) == 1
    assert not endpointer.speaking


def test_a_hangover_that_shrinks_in_the_pause_counts_at_once() -> None:
    endpointer = Endpointer()
    feed(endpointer, [0.9] * 10 + [0.0] * 10, 1000)
    assert feed(endpointer, [0.0], 280, first=20) == [SpeechEnded(0, 320, EndReason.SILENCE)]


def test_endless_speech_is_cut_and_may_start_again() -> None:
    events = feed(Endpointer(), [0.9] * 500)
    assert events[:2] == [SpeechStarted(0), SpeechEnded(0, 15008, EndReason.TOO_LONG)]
    assert events[2] == SpeechStarted(15008)


def test_reset_forgets_the_utterance() -> None:
    endpointer = Endpointer()
    feed(endpointer, [0.9] * 10)
    endpointer.reset()
    assert not endpointer.speaking
    assert feed(endpointer, [0.0] * 50, first=10) == []


def test_silence_is_counted_from_the_last_speech() -> None:
    endpointer = Endpointer()
    feed(endpointer, [0.9] * 10)
    assert endpointer.silent_for(320) == 0
    feed(endpointer, [0.0] * 20, first=10)
    assert endpointer.silent_for(960) == 640


steps = st.tuples(st.floats(0, 1), st.sampled_from([20, 32, 40]), st.sampled_from([0, 250, 500, 1200]))


@given(st.lists(steps, max_size=400), st.integers(200, 2000))
def test_events_alternate_in_order_and_no_utterance_is_too_long(
    windows: list[tuple[float, int, int]], longest: int
) -> None:
    endpointer = Endpointer(EndpointerSettings(longest_ms=longest))
    now, before, started = 0.0, 0.0, None
    for probability, length, hangover in windows:
        now += length
        event = endpointer.window(probability, now, hangover)
        if isinstance(event, SpeechStarted):
            assert started is None
            assert before <= event.at_ms < now
            started = event.at_ms
        elif event is not None:
            assert event.started_ms == started
            assert event.started_ms < event.ended_ms <= now
            assert event.ended_ms - event.started_ms < longest + 40 + 4 * 40
            assert (event.reason is EndReason.TOO_LONG) == (now - event.started_ms >= longest)
            before, started = event.ended_ms, None
        assert endpointer.speaking == (started is not None)
        assert started is None or now - started < longest


@pytest.mark.parametrize("noise_rms", [0, 30])
def test_recorded_digits_are_found_with_their_bounds(noise_rms: float) -> None:
    audio, spans = with_pauses(digits(), 1.0)
    batch = ActivityBatch(SileroDetector())
    stream, endpointer, events = batch.open(8000), Endpointer(), []
    for number, frame in enumerate(blocks(noisy(audio, noise_rms), 160), 1):
        batch.push(stream, frame)
        for _, probability in batch.run():
            event = endpointer.window(probability, number * 20 - stream.lag_ms, 500)
            events += [event] if event else []
    ends = [event for event in events if isinstance(event, SpeechEnded)]
    assert len(ends) == len(spans)
    late, tail = [], []
    for (begin, end), found in zip(spans, ends, strict=True):
        power = np.convolve(audio[begin:end].astype(float) ** 2, np.ones(80), "same")
        loud = np.flatnonzero(power > power.max() / 100) / 8 + begin / 8
        late.append(found.started_ms - loud[0])
        tail.append(found.ended_ms - loud[-1])
    assert max(late) < PRE_ROLL_MS - 32
    assert np.median(np.abs(late)) < 50
    assert 0 < np.median(tail) < 100
    assert min(tail) > -100
    assert max(tail) < 250


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (HangoverView("yes_no", "yes", 220), (250, 300)),
        (HangoverView("choice", "billing", 500), (250, 300)),
        (HangoverView("digits", "one two three four", 300, complete=True), (250, 300)),
        (HangoverView("open", "goodbye", 300, complete=True), (250, 300)),
        (HangoverView("yes_no", "yes", 100), (500, 500)),
        (HangoverView("yes_no", "", 900), (500, 500)),
        (HangoverView("yes_no", " ", 900), (500, 500)),
        (HangoverView("open", "i lost my card", 900), (500, 500)),
        (HangoverView("digits", "one two three four", 60, complete=True), (500, 500)),
        (HangoverView("digits", "one two", 900), (900, 1200)),
        (HangoverView("digits"), (900, 1200)),
    ],
)
def test_hangover_follows_what_is_expected_and_heard(view: HangoverView, expected: tuple[int, int]) -> None:
    assert expected[0] <= hangover_ms(view) <= expected[1]
