"""Engine work of a call: a job's failure is its own, a transcript's line is never dropped, errors quote nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from tests.media.test_inline import PACKAGE, Scripted
from voicebot.call.commands import (
    CancelJob,
    CommitTurn,
    Finish,
    FinishRecognition,
    RecogniseAudio,
    StartRecognition,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import Input, JobFailed, Synthesised
from voicebot.call.handoff import TranscriptTurn
from voicebot.media.engines import Engines, Work, fault
from voicebot.qa.replay import Kept
from voicebot.speech.recogniser import Hints, RecogniserError
from voicebot.speech.synthesiser import SpeechAudio

QUIET = np.zeros(800, np.int16)


@dataclass
class Failing(Kept):
    """A store that fails as often as it is told to."""

    failures: int = 0
    closed: list[tuple[str, int]] = field(default_factory=list)

    def commit_turn(self, call_id: str, turn: TranscriptTurn) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        super().commit_turn(call_id, turn)

    def close_call(self, call_id: str, outcome: str, reason: str, duration_ms: int) -> None:
        self.closed.append((outcome, duration_ms))


def work_of(engine: Scripted | None = None, store: Kept | None = None) -> Work:
    """The work of one call."""
    engine = engine or Scripted()
    return Work(Engines(engine, engine, engine, engine, store or Kept()), "c", 8000)


def turn(number: int) -> CommitTurn:
    return CommitTurn(TranscriptTurn("bot", f"line {number}", number, number))


def test_a_failed_or_cancelled_utterance_takes_no_more_audio() -> None:
    engine = Scripted()
    work = work_of(engine)
    list(work.do(StartRecognition(1, Hints("open"))))
    list(work.do(CancelJob(1)))
    assert list(work.do(RecogniseAudio(1, QUIET))) == list(work.do(FinishRecognition(1, 50))) == []
    assert engine.got == []


def test_lines_that_could_not_be_stored_are_stored_first_with_the_next() -> None:
    store = Failing(failures=2)
    work = work_of(store=store)
    for number in range(4):
        assert list(work.do(turn(number))) == []
    assert [kept.text for kept in store.turns] == [f"line {number}" for number in range(4)]


def test_a_hand_off_and_the_end_store_what_waits_before_them() -> None:
    store = Failing(failures=1)
    work = work_of(store=store)
    list(work.do(turn(0)))
    list(work.do(StoreHandOff(1, PACKAGE, 50)))
    assert ([kept.text for kept in store.turns], len(store.packages)) == (["line 0"], 1)
    store.failures = 1
    list(work.do(turn(1)))
    list(work.do(Finish("completed", "goodbye"), 1234))
    assert (len(store.turns), store.closed) == (2, [("completed", 1234)])


class Mute(Scripted):
    """A voice without audio."""

    def render(self, text: str, *, keep: bool = True) -> Iterator[SpeechAudio]:
        yield SpeechAudio(text, np.zeros(0, np.int16), 8000)


def test_a_voice_that_gives_no_audio_has_failed() -> None:
    *_, last = work_of(Mute()).do(Synthesise(1, "hello", 50))
    assert isinstance(last, JobFailed)
    assert "no audio" in last.error


def test_a_prompt_that_nobody_waits_for_is_not_made() -> None:
    work = work_of()
    work.cancel(1)
    assert list(work.do(Synthesise(1, "one two three", 50))) == []
    pieces: list[Input] = []
    for piece in work.do(Synthesise(2, "one two three", 50)):
        pieces.append(piece)
        work.cancel(2)
    assert [isinstance(piece, Synthesised) for piece in pieces] == [True]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("no such account: 70352846"), "ValueError"),
        (RecogniserError("The model in /x is broken; 70352846."), "RecogniserError: The model in /x is broken; ••••."),
        (KeyError("seven zero three five"), "KeyError"),
    ],
)
def test_an_error_says_what_it_may(error: Exception, told: str) -> None:
    assert fault(error) == told
