"""Turns in every state of the floor: who hangs up, keys, holds the line or falls silent is dealt with everywhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.call.phone import WORD_MS, Phone, Script, dial, recognised, say
from voicebot.audio.frame import Frame, FrameKind
from voicebot.call.bridge import Role
from voicebot.call.commands import CancelJob, Finish, FinishRecognition, Interpret, RunAction, StartRecognition
from voicebot.call.events import ActionResult, Digit, HungUp, LegJoined
from voicebot.call.timeline import CallerStopped, Floor, KeyPressed, SilenceElapsed
from voicebot.dialogue.events import (
    Act,
    AnswerKind,
    End,
    Expectation,
    HandOff,
    HandOffReason,
    Keypad,
    Listen,
    Move,
    UserSilence,
    UserTurn,
)

ASK: list[Move] = [say("How can I help you today please"), Listen(Expectation())]
PIN = Expectation(AnswerKind.DIGITS, "pin", length=(4, 4), keypad=Keypad(length=4), sensitive=True)
SURE = Expectation(AnswerKind.YES_NO, "sure")
LEAVE: list[Move] = [say("A colleague will help"), HandOff(HandOffReason.USER_REQUEST, "general")]


def in_bot() -> Phone:
    phone, _ = dial(ASK)
    phone.wait(600)
    return phone


def in_paused() -> Phone:
    phone = in_bot()
    phone.wait(200, 0.95)
    return phone


def in_open() -> Phone:
    phone, _ = dial(ASK, ASK)
    phone.wait(3000)
    return phone


def in_caller() -> Phone:
    phone = in_open()
    phone.wait(300, 0.95)
    return phone


def in_thinking() -> Phone:
    phone, _ = dial(ASK, [Act("action_x", {})], ASK)
    phone.wait(3000)
    phone.speak("my balance", after=900)
    return phone


def in_waiting() -> Phone:
    phone, _ = dial(ASK, LEAVE)
    phone.wait(3000)
    phone.step(Digit("0"))
    phone.wait(5 * WORD_MS)
    return phone


def in_human() -> Phone:
    phone = in_bot()
    phone.step(LegJoined("agent-1", Role.AGENT))
    return phone


STATES: dict[Floor, Callable[[], Phone]] = {
    Floor.BOT: in_bot,
    Floor.PAUSED: in_paused,
    Floor.OPEN: in_open,
    Floor.CALLER: in_caller,
    Floor.THINKING: in_thinking,
    Floor.WAITING: in_waiting,
    Floor.HUMAN: in_human,
}


@pytest.mark.parametrize("floor", STATES)
def test_a_caller_may_hang_up_at_any_moment(floor: Floor) -> None:
    phone = STATES[floor]()
    assert phone.floor() is floor
    phone.engines = False
    step = phone.step(HungUp())
    assert phone.call.ended
    assert not step.frame.samples.any()
    (finish,) = phone.asked(Finish)
    assert finish.outcome == ("handed_off" if floor in (Floor.WAITING, Floor.HUMAN) else "abandoned")
    left = {c.job for c in phone.asked(StartRecognition)} - {c.job for c in phone.asked(FinishRecognition)}
    assert left <= {c.job for c in phone.asked(CancelJob)}, "no recogniser is left open"
    before = len(phone.commands), len(phone.entries)
    phone.step(Digit("1"), HungUp())
    assert (len(phone.commands), len(phone.entries)) == before


@pytest.mark.parametrize("floor", STATES)
def test_a_key_is_noted_in_every_state_and_shown_only_where_it_chooses(floor: Floor) -> None:
    phone = STATES[floor]()
    phone.step(Digit("7"))
    assert phone.all(KeyPressed)[-1] == KeyPressed("•")
    phone.wait(100)
    assert not phone.call.ended


@pytest.mark.parametrize("floor", [Floor.BOT, Floor.PAUSED, Floor.OPEN, Floor.CALLER])
def test_a_key_answers_an_open_question_in_every_state(floor: Floor) -> None:
    phone = STATES[floor]()
    phone.step(Digit("0"))
    script = phone.call._conversation._dialogue
    assert isinstance(script, Script)
    assert isinstance(script.events[-1], UserTurn)
    assert script.events[-1].keyed


# --- held, lost and noisy lines ------------------------------------------------------------------------------------


def hold(phone: Phone, ms: int, kind: FrameKind = FrameKind.HELD) -> None:
    """Frames of another kind; the detector sees what is in them."""
    for number in range(ms // 20):
        frame = Frame(np.zeros(160, np.int16), kind)
        phone.step(probability=0.9 if kind is FrameKind.HELD and number % 2 else None, frame=frame)


def test_who_holds_the_line_neither_speaks_nor_is_silent() -> None:
    phone, script = dial([say("Well"), Listen(Expectation(silence_s=4))])
    phone.wait(WORD_MS + 2000)
    hold(phone, 20_000)
    assert phone.floor() is Floor.OPEN
    assert not phone.asked(StartRecognition)
    phone.wait(1800)
    assert not any(isinstance(event, UserSilence) for event in script.events)
    phone.wait(400)
    assert phone.all(SilenceElapsed)[0].after_ms == 4000, "the time on hold does not count"


def test_an_utterance_ends_where_the_line_was_put_on_hold() -> None:
    phone = in_caller()
    begun = phone.call.clock.now_ms
    hold(phone, 2000)
    (stopped,) = phone.all(CallerStopped)
    assert stopped.ended_ms <= begun + 40
    assert phone.floor() is not Floor.CALLER


def test_a_dead_line_is_silence() -> None:
    """No packets at all: the caller is asked again, and in the end given to a human by the dialogue's policy."""
    phone, script = dial([say("Well"), Listen(Expectation(silence_s=2))])
    phone.wait(WORD_MS + 100)
    hold(phone, 2500, FrameKind.LOST)
    assert any(isinstance(event, UserSilence) for event in script.events)


# --- type-ahead ----------------------------------------------------------------------------------------------------


def test_keys_typed_ahead_answer_as_many_questions_as_they_can() -> None:
    phone, script = dial(
        ASK, [Act("action_x", {})], [say("Your pin"), Listen(PIN)], [say("Sure"), Listen(SURE)], [say("Done"), *ASK]
    )
    phone.wait(3000)
    phone.speak("my balance", after=900)
    for key in "12341":
        phone.step(Digit(key))
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    turns = [event for event in script.events if isinstance(event, UserTurn)]
    assert [(turn.value, turn.keyed) for turn in turns[1:]] == [("1234", True), ("true", True)]
    assert "1234" not in "".join(entry.as_json() for entry in phone.entries)


def test_typed_keys_that_do_not_suffice_wait_for_the_rest() -> None:
    phone, script = dial(ASK, [Act("action_x", {})], [say("Your pin"), Listen(PIN)], ASK)
    phone.wait(3000)
    phone.speak("my balance", after=900)
    phone.step(Digit("1"), Digit("2"))
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    assert phone.floor() is Floor.OPEN
    phone.wait(1000)
    phone.step(Digit("3"), Digit("4"))
    assert [event.value for event in script.events if isinstance(event, UserTurn)][1:] == ["1234"]


# --- a slow recogniser ---------------------------------------------------------------------------------------------


def test_two_utterances_whose_words_are_awaited_are_one_answer() -> None:
    phone = in_open()
    script = phone.call._conversation._dialogue
    assert isinstance(script, Script)
    phone.engines = False
    jobs = []
    for _ in range(2):
        phone.wait(300, 0.95)
        phone.wait(600)
        jobs.append(phone.asked(FinishRecognition)[-1].job)
    phone.step(recognised(jobs[0], "my card"))
    assert not phone.asked(Interpret), "the rest is still to come"
    phone.engines = True
    phone.step(recognised(jobs[1], "is gone"))
    phone.wait(100)
    assert [event.text for event in script.events if isinstance(event, UserTurn)] == ["my card is gone"]


def test_a_goodbye_that_cannot_be_synthesised_ends_the_call_all_the_same() -> None:
    phone, _ = dial(ASK, [say("?Goodbye"), End("goodbye")])
    phone.wait(3000)
    phone.step(Digit("9"))
    phone.wait(5000)
    assert phone.asked(Finish)[0].outcome == "completed"


def test_who_has_just_spoken_is_not_silent_though_the_words_are_not_known_yet() -> None:
    short = Expectation(silence_s=1)
    phone, script = dial(ASK, [Act("action_x", {})], [Listen(short)], ASK)
    phone.wait(3000)
    phone.speak("my balance", after=900)
    phone.engines = False
    phone.wait(300, 0.95)
    phone.wait(600)
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    phone.wait(1500)
    assert not any(isinstance(event, UserSilence) for event in script.events)
    phone.engines = True
    phone.step(recognised(phone.asked(FinishRecognition)[-1].job, "an agent"))
    phone.wait(100)
    assert isinstance(script.events[-1], UserTurn)
