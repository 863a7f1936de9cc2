"""Live jobs: real threads, in order per call, and an engine that raises or hangs costs the caller nothing but time."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from voicebot.call.commands import (
    CancelJob,
    CommitTurn,
    FinishRecognition,
    Interpret,
    RecogniseAudio,
    StartRecognition,
    Synthesise,
)
from voicebot.call.events import Input, JobFailed, PartialHeard, Recognised, Synthesised, Understood
from voicebot.call.handoff import TranscriptTurn
from voicebot.dialogue.actions import Actions
from voicebot.media.engines import Engines, Work
from voicebot.media.house import House
from voicebot.media.live import Lane, LiveJobs
from voicebot.media.pools import Pools
from voicebot.qa.replay import Kept
from voicebot.speech.recogniser import Hints, RecogniserError, Recognition
from voicebot.speech.synthesiser import SpeechAudio


@contextmanager
def pools() -> Iterator[Pools]:
    opened = Pools.open(2)
    try:
        yield opened
    finally:
        opened.close()


def collected(jobs: LiveJobs, until: Callable[[list[Input]], bool], seconds: float = 20) -> list[Input]:
    """What has come, as soon as `until` holds of it."""
    got: list[Input] = []
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        got += jobs.collect(0)
        if until(got):
            return got
        time.sleep(0.005)
    raise AssertionError(f"only {got} came")


def test_a_lane_keeps_its_order_on_a_shared_pool() -> None:
    with pools() as opened:
        lanes = [Lane(opened.act) for _ in range(5)]
        done: list[list[int]] = [[] for _ in lanes]
        for number in range(200):
            for lane, seen in zip(lanes, done, strict=True):
                lane.put(lambda n=number, s=seen: s.append(n))  # type: ignore[misc]
        limit = time.monotonic() + 10
        while min(map(len, done)) < 200 and time.monotonic() < limit:
            time.sleep(0.005)
    assert done == [list(range(200))] * 5


def test_recognition_synthesis_and_meaning_come_from_the_real_engines(house: House) -> None:
    kept = Kept()
    with pools() as opened:
        jobs = LiveJobs(Work(house.engines(8000, kept), "c", 8000), opened)
        speech = np.concatenate([piece.samples for piece in house.voice(8000).render("yes")])
        jobs.submit([StartRecognition(1, Hints("yes_no", ("yes", "no")))], 0)
        jobs.submit([RecogniseAudio(1, speech), FinishRecognition(1, 100)], 1)
        jobs.submit([Interpret(2, "what is my balance", 100), Synthesise(3, "One, two, three.", 100)], 2)
        jobs.submit([CommitTurn(TranscriptTurn("caller", "yes", 0, 400))], 3)
        got = collected(
            jobs,
            lambda g: (
                {Recognised, Understood} <= {type(i) for i in g}
                and any(isinstance(i, Synthesised) and i.last for i in g)
            ),
        )
    assert [type(i) for i in got if isinstance(i, PartialHeard | Recognised)] == [PartialHeard, Recognised]
    heard = next(i for i in got if isinstance(i, Recognised))
    assert heard.transcription.best.text == "yes"
    meaning = next(i for i in got if isinstance(i, Understood)).interpretation
    assert meaning.intent.name == "check_balance"
    assert meaning.engine
    assert kept.turns[0].text == "yes"


class Hanging:
    """A recogniser whose model never answers, until it is let go."""

    name = "hanging"

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def open(self, rate: int, hints: Hints) -> Recognition:
        self.let_go.wait(20)
        raise RecogniserError("the model is gone")


def test_an_engine_that_hangs_does_not_hold_up_the_others(house: House) -> None:
    hanging = Hanging()
    real = house.engines(8000, Kept())
    engines = Engines(hanging, real.interpreter, real.voice, Actions(), real.calls)
    with pools() as opened:
        jobs = LiveJobs(Work(engines, "c", 8000), opened)
        jobs.submit([StartRecognition(1, Hints("open")), Interpret(2, "goodbye", 100)], 0)
        got = collected(jobs, lambda g: any(isinstance(i, Understood) for i in g))
        assert not any(isinstance(i, JobFailed) for i in got)
        hanging.let_go.set()
        (failed,) = collected(jobs, lambda g: any(isinstance(i, JobFailed) for i in g))
    assert isinstance(failed, JobFailed)
    assert (failed.job, failed.error) == (1, "RecogniserError: the model is gone")


def test_a_recogniser_that_hangs_in_one_call_is_there_for_the_next(house: House) -> None:
    hanging, real = Hanging(), house.engines(8000, Kept())
    opened = Pools.open(1, stuck_s=0.1)
    stuck = LiveJobs(Work(Engines(hanging, real.interpreter, real.voice, Actions(), real.calls), "a", 8000), opened)
    other = LiveJobs(Work(real, "b", 8000), opened)
    stuck.submit([StartRecognition(1, Hints("open"))], 0)
    other.submit([StartRecognition(1, Hints("yes_no", ("yes", "no"))), FinishRecognition(1, 100)], 0)
    assert collected(other, lambda g: any(isinstance(i, Recognised) for i in g))
    hanging.let_go.set()
    opened.close()


def test_a_prompt_that_nobody_waits_for_is_not_synthesised_to_its_end(house: House) -> None:
    spoken: list[int] = []

    class Talkative:
        """A voice that never comes to an end."""

        def get(self, text: str) -> SpeechAudio | None:
            return None

        def render(self, text: str, *, keep: bool = True) -> Iterator[SpeechAudio]:
            for number in itertools.count():
                spoken.append(number)
                time.sleep(0.001)
                yield SpeechAudio("word ", np.zeros(80, np.int16), 8000)

    real = house.engines(8000, Kept())
    with pools() as opened:
        jobs = LiveJobs(
            Work(Engines(real.recogniser, real.interpreter, Talkative(), Actions(), real.calls), "c", 8000), opened
        )
        jobs.submit([Synthesise(1, "word", 100)], 0)
        collected(jobs, lambda g: len(g) > 3)
        jobs.submit([CancelJob(1), Synthesise(2, "word", 100)], 1)
        collected(jobs, lambda g: any(isinstance(i, Synthesised) and i.job == 2 for i in g))
        jobs.submit([CancelJob(2)], 2)
    said = len(spoken)
    time.sleep(0.02)
    assert len(spoken) == said
