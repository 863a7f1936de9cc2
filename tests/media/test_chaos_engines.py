"""Engines that raise, hang or give nonsense in the middle of a call, in turn, while a second caller is served.

The caller hears an apology and reaches a human, or the call goes on; what was said is stored; others notice nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

import numpy as np
import pytest

from tests.media.stage import (
    BALANCE,
    SPOKEN,
    Change,
    Stage,
    check_apology,
    check_kept,
    fail,
)
from voicebot.audio.frame import Samples
from voicebot.call.commands import FinishRecognition, Interpret, RunAction, Synthesise
from voicebot.call.timeline import Heard, Meant
from voicebot.dialogue.events import HandOffReason, SlotSet, SlotValue
from voicebot.media.engines import Engines
from voicebot.nlu.interpreter import Entity, IntentScore, Interpretation
from voicebot.speech.espeak import EspeakSynthesiser
from voicebot.speech.prompt_audio import PromptAudio
from voicebot.speech.recogniser import Hints, Hypothesis, RecogniserError, Recognition, Transcription
from voicebot.speech.synthesiser import SpeechAudio

pytestmark = pytest.mark.usefixtures("other")


# --- hearing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ear:
    """A recogniser, and each of its utterances, with answers of our own."""

    opens: Callable[[], object] = lambda: None
    accepts: Callable[[], object] = lambda: ""
    finishes: Callable[[], object] = lambda: Transcription((), "ear")
    name: str = "ear"

    def open(self, rate: int, hints: Hints) -> Recognition:
        self.opens()
        return self

    def accept(self, samples: Samples) -> str:
        return cast("str", self.accepts())

    def finish(self) -> Transcription:
        return cast("Transcription", self.finishes())


def hearing(ear: Ear) -> Change:
    return lambda engines: replace(engines, recogniser=ear)


def heard(text: object, confidence: float = 0.9) -> Ear:
    """A recogniser that always hears this."""
    reading = Hypothesis(cast("str", text), confidence)
    return Ear(accepts=lambda: text, finishes=lambda: Transcription((reading,), "ear"))


@pytest.mark.parametrize("ear", [Ear(opens=fail), Ear(accepts=fail), Ear(finishes=fail)], ids=["open", "accept", "end"])
def test_a_recogniser_that_raises(on: Stage, ear: Ear) -> None:
    guest = on.enter("broken", SPOKEN, change=hearing(ear))
    on.play()
    package = check_apology(on, guest)
    assert guest.lost == [("recognise", "RuntimeError")]
    assert package.detail == "recognise failed: RuntimeError", "without what the caller may have said"


def test_a_recogniser_whose_error_explains_itself(on: Stage) -> None:
    def gone() -> object:
        raise RecogniserError("the model is gone")

    guest = on.enter("broken", SPOKEN, change=hearing(Ear(opens=gone)))
    on.play()
    assert check_apology(on, guest).detail == "recognise failed: RecogniserError: the model is gone"


def test_a_recogniser_that_hangs(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, hung=(FinishRecognition,))
    on.play()
    check_apology(on, guest)
    assert guest.lost == [("recognise", "no answer within its deadline")]


@pytest.mark.parametrize("given", [None, 7, "words", Transcription((cast("Hypothesis", "words"),), "ear")], ids=repr)
def test_a_recogniser_that_gives_something_else(on: Stage, given: object) -> None:
    guest = on.enter("broken", SPOKEN, change=hearing(Ear(finishes=lambda: given)))
    on.play()
    check_apology(on, guest)
    assert guest.lost == [("recognise", "TypeError")]


def test_a_recogniser_that_hears_nothing(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, change=hearing(Ear()))
    on.play()
    check_kept(on, guest)
    assert [package.reason for package in on.packages(guest)] == [HandOffReason.NO_INPUT_LIMIT]


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("word " * 200_000, 0.9),
        ("a\x1b[31mb\x00c\x07\nd\u202ee", 0.9),
        ("\ud800 broken", 0.9),
        ("check my balance", math.nan),
        ("check my balance", -3.0),
        ("check my balance", math.inf),
    ],
    ids=["endless", "control characters", "surrogate", "nan", "negative", "infinite"],
)
def test_a_recogniser_that_hears_nonsense(on: Stage, text: str, confidence: float) -> None:
    guest = on.enter("broken", SPOKEN, change=hearing(heard(text, confidence)))
    on.play()
    check_kept(on, guest)
    assert on.packages(guest)
    for event in guest.all(Heard):
        assert event.text.isprintable()
        assert len(event.text) <= 2000
        assert 0 <= event.confidence <= 1
    assert not any("NaN" in entry.as_json() for entry in guest.leg.entries), "that would be no JSON"


# --- understanding -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mind:
    """An interpreter with an answer of our own."""

    answer: Callable[[str], object]
    name: str = "mind"

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        return cast("Interpretation", self.answer(text))


class Sleeper:
    """An interpreter that never answers, and whose wait is cut short by nobody but its caller."""

    name = "sleeper"

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        await asyncio.sleep(3600)
        raise AssertionError


def meaning(answer: Callable[[str], object]) -> Change:
    return lambda engines: replace(engines, interpreter=Mind(answer))


def test_an_interpreter_that_raises(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, change=meaning(lambda text: fail()))
    on.play()
    package = check_apology(on, guest)
    assert guest.lost == [("interpret", "RuntimeError")]
    assert any(turn.speaker == "caller" for turn in package.transcript), "what was said and not understood"


def test_an_interpreter_that_hangs(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, hung=(Interpret,))
    on.play()
    package = check_apology(on, guest)
    assert guest.lost == [("interpret", "no answer within its deadline")]
    assert any(turn.speaker == "caller" for turn in package.transcript)


def test_an_interpreter_that_never_answers_is_not_awaited(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, change=lambda engines: replace(engines, interpreter=Sleeper()))
    on.play()
    check_apology(on, guest)
    assert guest.lost == [("interpret", "TimeoutError")]


@pytest.mark.parametrize("given", [None, "check_balance", Interpretation("x", cast("IntentScore", None))], ids=repr)
def test_an_interpreter_that_gives_something_else(on: Stage, given: object) -> None:
    guest = on.enter("broken", SPOKEN, change=meaning(lambda text: given))
    on.play()
    check_apology(on, guest)
    assert guest.lost == [("interpret", "TypeError")]


@pytest.mark.parametrize("intent", [IntentScore("no_such_intent", 1.0), IntentScore("check_balance", math.nan)])
def test_an_interpreter_that_gives_nonsense(on: Stage, intent: IntentScore) -> None:
    entity = Entity("no_such\x00entity", "\x1b[0m" * 5000, -7, 10**9)
    answer = Interpretation("x", intent, (intent,) * 3, (entity,), "mind\n")
    guest = on.enter("broken", SPOKEN, change=meaning(lambda text: answer))
    on.play()
    check_kept(on, guest)
    assert "utter_no_match" in guest.said or "utter_not_sure" in guest.said
    assert all(0 <= event.confidence <= 1 and event.engine.isprintable() for event in guest.all(Meant))
    assert on.packages(guest)


# --- speaking ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Throat:
    """A voice whose fixed prompts are ready, and which makes nothing good of others."""

    engines: Engines
    pieces: Callable[[str], Iterator[object]]

    def get(self, text: str) -> SpeechAudio | None:
        return self.engines.voice.get(text)

    def render(self, text: str, *, keep: bool = True) -> Iterator[SpeechAudio]:
        return cast("Iterator[SpeechAudio]", self.pieces(text))


def speaking(pieces: Callable[[str], Iterator[object]]) -> Change:
    return lambda engines: replace(engines, voice=Throat(engines, pieces))


def tone(text: str, rate: int = 8000, kind: type = np.int16) -> SpeechAudio:
    wave = 3000 * np.sin(np.arange(rate) / 5)
    return SpeechAudio(text, wave.astype(kind), rate)


def nothing(text: str) -> Iterator[object]:
    return iter(())


def raising(text: str) -> Iterator[object]:
    raise RuntimeError(text)


def breaking_off(text: str) -> Iterator[object]:
    yield tone(text[:10])
    raise RuntimeError(text)


def empty(text: str) -> Iterator[object]:
    yield SpeechAudio(text, np.zeros(0, np.int16), 8000)


def wrong_rate(text: str) -> Iterator[object]:
    yield tone(text, 16000)


def floats(text: str) -> Iterator[object]:
    yield tone(text, kind=np.float64)


def stereo(text: str) -> Iterator[object]:
    yield SpeechAudio(text, np.zeros((800, 2), np.int16), 8000)


def no_audio(text: str) -> Iterator[object]:
    yield None


@pytest.mark.parametrize(
    "pieces", [nothing, raising, breaking_off, empty, wrong_rate, floats, stereo, no_audio], ids=lambda p: p.__name__
)
def test_a_synthesiser_that_fails(on: Stage, pieces: Callable[[str], Iterator[object]]) -> None:
    guest = on.enter("broken", BALANCE, change=speaking(pieces))
    on.play()
    package = check_apology(on, guest)
    ((kind, error),) = guest.lost
    assert kind == "synthesise"
    assert "balance" not in error, "what was to be said is the caller's affair"
    assert {slot.name: slot.value for slot in package.slots}["balance"] == "$318.20", "what was learnt is handed on"


def test_a_synthesiser_that_hangs(on: Stage) -> None:
    guest = on.enter("broken", BALANCE, hung=(Synthesise,))
    on.play()
    check_apology(on, guest)
    assert guest.lost == [("synthesise", "no answer within its deadline")]


@dataclass(frozen=True)
class Piper:
    """A voice that is chosen, with a fault."""

    pieces: Callable[[str], Iterator[object]]
    name: str = "broken"

    def speak(self, text: str) -> Iterator[SpeechAudio]:
        return cast("Iterator[SpeechAudio]", self.pieces(text))


@pytest.mark.parametrize("pieces", [raising, breaking_off], ids=lambda p: p.__name__)
def test_a_voice_that_dies_is_followed_by_the_next_and_the_call_goes_on(
    on: Stage, pieces: Callable[[str], Iterator[object]]
) -> None:
    def next_voice(engines: Engines) -> Engines:
        prompts = PromptAudio(Piper(pieces), 8000, standby=EspeakSynthesiser())
        return replace(engines, voice=Throat(engines, lambda text: prompts.render(text, keep=False)))

    guest = on.enter("broken", BALANCE, change=next_voice)
    on.play()
    check_kept(on, guest)
    assert guest.lost == []
    told = next(entry for entry in guest.leg.entries if "$318.20" in getattr(entry.event, "text", ""))
    assert guest.heard_after(told)


# --- acting --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hands:
    """Business actions with a result of our own."""

    result: Callable[[], object]

    def run(self, name: str, slots: Mapping[str, SlotValue], *, now: datetime) -> Mapping[str, SlotValue]:
        return cast("Mapping[str, SlotValue]", self.result())


def acting(result: Callable[[], object]) -> Change:
    return lambda engines: replace(engines, actions=Hands(result))


@pytest.mark.parametrize(
    "result",
    [
        fail,
        lambda: None,
        lambda: ["customer"],
        lambda: {1: "x"},
        lambda: {"customer": object()},
        lambda: {"customer": {"id": 1}},
        lambda: {"identification_failures": math.nan},
        lambda: {"identification_failures": 10**400},
    ],
    ids=["raises", "none", "list", "key", "object", "nested", "nan", "huge"],
)
def test_an_action_that_fails(on: Stage, result: Callable[[], object]) -> None:
    guest = on.enter("broken", BALANCE, change=acting(result))
    on.play()
    check_apology(on, guest)
    ((kind, error),) = guest.lost
    assert kind == "action:action_identify"
    assert error in ("RuntimeError", "TypeError", "ValueError", "OverflowError")


def test_an_action_that_hangs(on: Stage) -> None:
    guest = on.enter("broken", BALANCE, hung=(RunAction,))
    on.play()
    check_apology(on, guest)
    assert guest.lost == [("action:action_identify", "no answer within its deadline")]


@pytest.mark.parametrize(
    "found", [{}, {"no_such_slot": "x"}, {"customer": "\x00\x1b[2J" * 9}, {"balance": "x" * 10**6}], ids=range(4)
)
def test_an_action_that_gives_nonsense(on: Stage, found: dict[str, SlotValue]) -> None:
    guest = on.enter("broken", BALANCE, change=acting(lambda: found))
    on.play()
    check_kept(on, guest)
    values = [str(event.value) for event in guest.all(SlotSet)]
    assert all(value.isprintable() and len(value) <= 2000 for value in values)
