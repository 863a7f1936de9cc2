"""The ticker: every call once a tick, voice activity once for all, time kept from absolute deadlines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.call.phone import Phone, dial, say
from voicebot.audio.frame import Frame, Samples
from voicebot.call.commands import Command
from voicebot.call.events import Digit, HungUp, Input
from voicebot.call.timeline import CallerStarted, Entry
from voicebot.dialogue.events import End, Expectation, HandOff, HandOffReason, Listen, Move
from voicebot.media.line import Line
from voicebot.media.ticker import Pace, Ticker, run_live, run_virtual
from voicebot.speech.activity_batch import ActivityBatch

ASK: list[Move] = [say("How can I help"), Listen(Expectation(silence_s=60))]


@dataclass
class LoudIsSpeech:
    """A detector by level, which notes how many calls share each run."""

    name: str = "level"
    runs: list[int] = field(default_factory=list)

    def open(self, rate: int) -> None:
        """No state."""

    def run(self, batch: Sequence[tuple[None, Samples]]) -> list[float]:
        if batch:
            self.runs.append(len(batch))
        return [float(np.abs(window).max() > 500) for _, window in batch]


@dataclass
class Caller:
    """A leg that is silent, or loud from some frame on."""

    loud_from: int = 10**9
    news_at: dict[int, Input] = field(default_factory=dict)
    frame: int = 0
    heard: list[Samples] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    closed: int = 0
    slow_at: int = -1

    def read(self) -> Frame:
        self.frame += 1
        if self.frame == self.slow_at:
            time.sleep(0.1)
        return Frame(np.full(160, 4000 if self.frame > self.loud_from else 0, np.int16))

    def news(self) -> Sequence[Input]:
        return [self.news_at[self.frame]] if self.frame in self.news_at else []

    def write(self, frame: Frame) -> None:
        assert not self.closed, "nothing is written to a leg that is closed"
        self.heard.append(frame.samples)

    def watch(self, entries: Sequence[Entry]) -> None:
        self.entries.extend(entries)

    def close(self) -> None:
        self.closed += 1


class NoJobs:
    """Engines that never answer."""

    def submit(self, commands: Sequence[Command], frame: int) -> None:
        """Forgotten."""

    def collect(self, frame: int) -> list[Input]:
        return []

    def close(self) -> None:
        """Nothing to close."""


def calling(ticker: Ticker, caller: Caller, *moves: list[Move], seed: int = 0) -> Phone:
    """Put a caller on the ticker."""
    phone, _ = dial(*(moves or (ASK,)), seed=seed)
    ticker.add(Line(phone.call, caller, NoJobs()))
    return phone


def test_calls_of_different_seeds_share_the_work_evenly() -> None:
    detector = LoudIsSpeech()
    ticker = Ticker(ActivityBatch(detector, gate=False))
    for seed in range(16):
        calling(ticker, Caller(), seed=seed)
    run_virtual(ticker, 80)
    assert sum(detector.runs) == 16 * 80 * 20 // 32
    assert max(detector.runs) <= 12, "not all windows fall into one tick"


def test_each_call_hears_its_own_caller() -> None:
    ticker = Ticker(ActivityBatch(LoudIsSpeech(), gate=False))
    quiet, loud = Caller(), Caller(loud_from=100)
    calling(ticker, quiet)
    calling(ticker, loud)
    run_virtual(ticker, 150)
    starts = [[e.event.at_ms for e in who.entries if isinstance(e.event, CallerStarted)] for who in (quiet, loud)]
    assert starts[0] == []
    assert 1950 <= starts[1][0] <= 2050


def test_a_call_that_has_ended_leaves_and_the_others_go_on() -> None:
    ticker = Ticker(ActivityBatch(LoudIsSpeech(), gate=False))
    short, long = Caller(news_at={50: HungUp()}), Caller()
    calling(ticker, short)
    calling(ticker, long)
    run_virtual(ticker, 100)
    assert (len(ticker), short.frame, long.frame) == (1, 50, 100)
    assert (short.closed, len(long.heard)) == (1, 100)
    ticker.hang_up("the service was stopped")
    assert (len(ticker), long.closed) == (0, 1)
    run_virtual(ticker, 10)
    assert long.frame == 100


def test_nobody_is_listened_to_in_the_queue() -> None:
    """A caller who waits for a human costs no voice activity."""
    detector = LoudIsSpeech()
    ticker = Ticker(ActivityBatch(detector, gate=False))
    phone = calling(ticker, Caller(news_at={100: Digit("0")}), ASK, [HandOff(HandOffReason.USER_REQUEST, "general")])
    run_virtual(ticker, 100)
    before = sum(detector.runs)
    run_virtual(ticker, 100)
    assert not phone.call.listening
    assert before == 100 * 20 // 32
    assert sum(detector.runs) == before


def test_live_ticks_keep_time_and_catch_up_after_a_stall() -> None:
    ticker, pace = Ticker(ActivityBatch(LoudIsSpeech(), gate=False)), Pace()
    caller = Caller(slow_at=10)
    calling(ticker, caller, [say("Goodbye"), End("goodbye")])
    started = time.monotonic()
    asyncio.run(asyncio.wait_for(run_live(ticker, pace), 10))
    lasted = time.monotonic() - started
    assert caller.frame == len(pace.late_ms)
    assert caller.frame * 0.02 - 0.03 <= lasted < caller.frame * 0.02 + 0.3
    assert max(pace.late_ms) >= 70, "the stall is seen"
    assert caller.closed == 1
