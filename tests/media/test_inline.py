"""Replay's engines: done at once, told at a fixed time, so that no machine is faster than another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import numpy as np
import pytest

from voicebot.audio.frame import Samples
from voicebot.call.commands import (
    Command,
    CommitTurn,
    FinishRecognition,
    Interpret,
    RecogniseAudio,
    RunAction,
    StartRecognition,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import (
    ActionResult,
    HandOffStored,
    JobFailed,
    PartialHeard,
    Recognised,
    Synthesised,
    Understood,
)
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.dialogue.events import HandOffReason, SlotValue
from voicebot.media.engines import Engines, Work
from voicebot.media.inline import InlineJobs, Latency
from voicebot.nlu.interpreter import IntentScore, Interpretation
from voicebot.qa.replay import Kept
from voicebot.speech.recogniser import Hints, Hypothesis, Transcription
from voicebot.speech.synthesiser import SpeechAudio

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
PACKAGE = HandOffPackage(
    "c", "+1", "100", "en", NOW.isoformat(), 0, HandOffReason.POLICY, "general", 0, "", (), (), None
)


class Scripted:
    """Every engine: hears how much audio it got, understands what it is told, says a clause a word."""

    name = "scripted"

    def __init__(self) -> None:
        self.got: list[int] = []
        self.failing = False

    def open(self, rate: int, hints: Hints) -> Scripted:
        if self.failing:
            raise OSError("my number is 70352846")
        return self

    def accept(self, samples: Samples) -> str:
        self.got.append(samples.size)
        return f"{sum(self.got)} samples"

    def finish(self) -> Transcription:
        return Transcription((Hypothesis(f"{sum(self.got)} samples", 0.9),), self.name)

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        if self.failing:
            raise OSError("down")
        return Interpretation(text, IntentScore("said", deadline_ms / 1000), engine=self.name)

    def get(self, text: str) -> SpeechAudio | None:
        return None

    def render(self, text: str, *, keep: bool = True) -> Iterator[SpeechAudio]:
        for word in text.split():
            yield SpeechAudio(word, np.ones(len(word), np.int16), 8000)

    def run(self, name: str, slots: Mapping[str, SlotValue], *, now: datetime) -> Mapping[str, SlotValue]:
        return {"done": name, "at": now.isoformat()}


def jobs_of(latency: Latency | None = None) -> tuple[InlineJobs, Scripted, Kept]:
    """Inline jobs with scripted engines."""
    engine, kept = Scripted(), Kept()
    return InlineJobs(Work(Engines(engine, engine, engine, engine, kept), "c", 8000), latency), engine, kept


@pytest.mark.parametrize(
    ("command", "result", "frames"),
    [
        (StartRecognition(1, Hints("open")), None, 0),
        (Interpret(1, "hello", 50), Understood, 3),
        (Synthesise(1, "hello", 50), Synthesised, 4),
        (RunAction(1, "action_x", {}, NOW, 50), ActionResult, 5),
        (StoreHandOff(1, PACKAGE, 50), HandOffStored, 6),
    ],
)
def test_a_result_comes_after_its_engines_latency(command: Command, result: type | None, frames: int) -> None:
    jobs, _, _ = jobs_of(Latency(recogniser=2, interpreter=3, synthesiser=4, action=5, store=6))
    jobs.submit([command], 100)
    early = [jobs.collect(frame) for frame in range(100, 100 + frames)]
    assert not any(early)
    assert {type(each) for each in jobs.collect(100 + frames)} == ({result} if result else set())
    jobs.close()


def test_results_of_one_frame_keep_the_order_of_their_commands() -> None:
    jobs, engine, _ = jobs_of(Latency(1, 1, 1, 1, 1))
    audio = [RecogniseAudio(1, np.zeros(size, np.int16)) for size in (800, 400)]
    jobs.submit([StartRecognition(1, Hints("open")), *audio, FinishRecognition(1, 50), Interpret(2, "hello", 50)], 7)
    assert [type(each) for each in jobs.collect(8)] == [PartialHeard, PartialHeard, Recognised, Understood]
    assert engine.got == [800, 400]
    jobs.close()


def test_a_prompt_comes_piece_by_piece_and_says_when_it_is_whole() -> None:
    jobs, _, _ = jobs_of()
    jobs.submit([Synthesise(1, "one two", 50)], 0)
    pieces = jobs.collect(50)
    assert all(isinstance(piece, Synthesised) for piece in pieces)
    assert [piece.last for piece in pieces if isinstance(piece, Synthesised)] == [False, False, True]
    jobs.close()


def test_an_engine_that_raises_is_a_result_like_any_other_and_quotes_nobody() -> None:
    jobs, engine, _ = jobs_of(Latency(1, 1, 1, 1, 1))
    engine.failing = True
    jobs.submit([StartRecognition(1, Hints("open")), RecogniseAudio(1, np.zeros(9, np.int16)), Interpret(2, "x", 5)], 0)
    failed = jobs.collect(1)
    assert failed == [JobFailed(1, "StartRecognition", "OSError"), JobFailed(2, "Interpret", "OSError")]
    jobs.close()


def test_what_needs_no_answer_gets_none() -> None:
    jobs, _, kept = jobs_of()
    jobs.submit([CommitTurn(TranscriptTurn("bot", "Hello", 0, 1))], 0)
    assert kept.turns[0].text == "Hello"
    assert jobs.collect(1000) == []
    jobs.close()
