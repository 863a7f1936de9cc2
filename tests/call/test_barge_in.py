"""Who has the word when caller and bot speak at once, in every order of events."""

from __future__ import annotations

import numpy as np
import pytest

from tests.call.phone import WORD_MS, Phone, dial, meaning, recognised, say, spoken
from voicebot.call.barge_in import is_back_channel, words_of
from voicebot.call.commands import FinishRecognition, Interpret, RunAction, StartRecognition, Synthesise
from voicebot.call.events import ActionResult, Digit, PartialHeard, Synthesised
from voicebot.call.timeline import BargedIn, Floor, PromptEnded, PromptStarted, SilenceElapsed
from voicebot.dialogue.events import (
    Act,
    AnswerKind,
    End,
    Expectation,
    HandOff,
    HandOffReason,
    Listen,
    Move,
    UserSilence,
    UserTurn,
)

ASK: list[Move] = [say("How can I help you today please"), Listen(Expectation())]
YES_NO = Expectation(AnswerKind.YES_NO, "confirmed")
NEXT: list[Move] = [say("Thanks"), Listen(Expectation())]


def loud(phone: Phone, ms: int) -> bool:
    """Whether the bot made sound in the last `ms`."""
    return any(np.abs(frame).max() > 500 for frame in phone.sent[-ms // 20 :])


def finished(phone: Phone) -> int:
    """The recogniser's job that was asked last for its result."""
    return phone.asked(FinishRecognition)[-1].job


def decisions(phone: Phone) -> list[str]:
    return [barged.decision for barged in phone.all(BargedIn)]


@pytest.mark.parametrize(
    ("text", "language", "listens"),
    [
        ("uh huh", "en", True),
        ("Okay, got it.", "en", True),
        ("[unk]", "en", True),
        ("okay but", "en", False),
        ("yes yes yes yes yes", "en", False),
        ("genau ja", "de", True),
        ("okay", "fr", True),
    ],
)
def test_back_channels(text: str, language: str, listens: bool) -> None:
    assert is_back_channel(text, language) is listens
    assert "[unk]" not in words_of(f"[unk] {text} [unk]")


def test_speaking_on_while_the_first_words_are_awaited_leaves_no_dead_air() -> None:
    """A slow recogniser: the second utterance begins before the first is known. The prompt goes on or is dropped."""
    phone, _ = dial(ASK, NEXT)
    phone.wait(700)
    phone.engines = False
    phone.wait(300, 0.95)
    phone.wait(600)
    first = finished(phone)
    phone.wait(300, 0.95)
    assert phone.floor() is Floor.PAUSED
    phone.step(recognised(first, "uh huh"))
    phone.wait(600)
    assert decisions(phone) == [], "the second utterance is still to be judged"
    phone.step(recognised(finished(phone), "okay"))
    assert decisions(phone) == ["resumed"]
    phone.wait(3000)
    assert phone.all(PromptEnded)[-1].complete
    assert phone.floor() is Floor.OPEN


def test_an_action_that_returns_while_the_prompt_is_paused_leaves_it_paused() -> None:
    said = say("One moment please while I look that up for you now")
    phone, _ = dial(ASK, [said, Act("action_x", {})], NEXT)
    phone.wait(3000)
    phone.speak("my balance", after=1400)
    phone.engines = False
    phone.wait(300, 0.95)
    phone.wait(600)
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    assert phone.floor() is Floor.PAUSED
    phone.step(recognised(finished(phone), "okay"))
    phone.wait(6000)
    assert [e.response for e in phone.all(PromptEnded) if e.complete] == ["utter_how", "utter_one", "utter_thanks"]


@pytest.mark.parametrize("last", [End("goodbye"), HandOff(HandOffReason.USER_REQUEST, "general")])
def test_a_caller_who_speaks_as_the_bot_leaves_does_not_silence_it(last: Move) -> None:
    phone, _ = dial(ASK, [Act("action_x", {})], [say("Goodbye and thank you"), last])
    phone.wait(3000)
    phone.speak("that is all", after=900)
    phone.wait(300, 0.95)
    phone.saying = "thank you very much"
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    phone.wait(500, 0.95)
    phone.wait(2500)
    assert phone.all(PromptEnded)[-1] == PromptEnded("utter_goodbye", "Goodbye and thank you", complete=True)
    assert phone.call.ended if isinstance(last, End) else phone.floor() is Floor.WAITING


def test_noise_while_an_action_runs_is_no_silence_of_the_caller() -> None:
    phone, script = dial(ASK, [Act("action_x", {})], NEXT)
    phone.wait(3000)
    phone.speak("my balance", after=900)
    phone.speak("", ms=300, after=2500)
    assert phone.floor() is Floor.THINKING
    assert not phone.all(SilenceElapsed)
    assert not any(isinstance(event, UserSilence) for event in script.events)


def test_a_yes_before_the_question_sounds_is_none() -> None:
    """The question is still being synthesised: the caller cannot have heard it."""
    phone, script = dial(ASK, [say("?Shall I block it"), Listen(YES_NO)], NEXT)
    phone.wait(3000)
    phone.speak("block my card", after=900)
    phone.speak("yes yes please do it now", ms=500, after=600)
    phone.step(Synthesised(phone.asked(Synthesise)[0].job, spoken("?Shall I block it"), last=True))
    phone.wait(2000)
    assert all(t.over_prompt for t in script.events[2:] if isinstance(t, UserTurn))


def test_a_back_channel_over_an_uninterruptible_prompt_answers_nothing() -> None:
    phone, script = dial([say("This call is recorded for you", interruptible=False), Listen(YES_NO)], NEXT)
    phone.wait(300)
    phone.speak("okay", ms=300, after=3000)
    assert not any(isinstance(event, UserTurn) for event in script.events)
    assert phone.floor() is Floor.OPEN
    assert [turn.text for turn in phone.call.transcript if turn.speaker == "caller"] == ["okay"]


def test_words_that_turn_out_to_be_none_give_the_caller_time() -> None:
    """The prompt was taken away on partial words; the final reading has none: the question's silence starts anew."""
    phone, script = dial([say("one two three four five six seven"), Listen(Expectation(silence_s=3))], NEXT)
    phone.wait(600)
    phone.engines = False
    phone.wait(200, 0.95)
    phone.saying, phone.engines = "give me an agent", True
    phone.wait(400, 0.95)
    assert decisions(phone) == ["interrupted"]
    phone.saying = ""
    phone.wait(1000)
    assert phone.floor() is Floor.OPEN
    phone.wait(1500)
    assert not any(isinstance(event, UserSilence) for event in script.events)
    phone.wait(1500)
    assert isinstance(script.events[-1], UserSilence)


def test_words_begun_before_the_prompt_hold_it_back_but_do_not_take_it_away() -> None:
    """The caller has not heard the answer yet: it is said after them."""
    phone, script = dial(ASK, [Act("action_x", {})], [say("Your balance is ten"), Listen(Expectation())], NEXT)
    phone.wait(3000)
    phone.speak("my balance", after=900)
    phone.saying = "are you still there"
    phone.wait(300, 0.95)
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    phone.wait(400, 0.95)
    assert not phone.all(PromptStarted)[1:], "the bot lets the caller finish"
    phone.wait(800 + 4 * WORD_MS)
    assert "interrupted" not in decisions(phone)
    assert phone.all(PromptEnded)[1] == PromptEnded("utter_your", "Your balance is ten", complete=True)
    phone.wait(300)
    turn = script.events[-1]
    assert isinstance(turn, UserTurn)
    assert (turn.text, turn.over_prompt) == ("are you still there", True)


def test_words_known_only_when_the_prompt_has_begun_do_not_take_it_away() -> None:
    phone, _ = dial(ASK, [Act("action_x", {})], [say("Your balance is ten"), Listen(Expectation())], NEXT)
    phone.wait(3000)
    phone.speak("my balance", after=900)
    phone.engines = False
    phone.wait(300, 0.95)
    phone.wait(600)
    late = finished(phone)
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    phone.wait(200)
    phone.step(recognised(late, "are you still there"))
    phone.wait(4 * WORD_MS)
    assert phone.all(PromptEnded)[1].complete


def test_an_agent_is_called_for_while_an_action_runs() -> None:
    phone, script = dial(ASK, [Act("action_x", {})], [say("Of course"), HandOff(HandOffReason.USER_REQUEST, "general")])
    phone.wait(3000)
    phone.speak("my balance", after=900)
    phone.meaning = meaning("talk_to_human")
    phone.speak("give me an agent", after=1000)
    assert isinstance(script.events[-1], UserTurn)
    assert script.events[-1].intent == "talk_to_human"
    assert phone.call.handed_off == "Q-1"


def test_speech_that_starts_in_the_last_frames_of_a_prompt_is_an_answer() -> None:
    phone, script = dial([say("Shall I block it now"), Listen(YES_NO)], NEXT)
    phone.wait(5 * WORD_MS - 60)
    phone.speak("yes", ms=400, after=900)
    assert phone.all(PromptEnded)[0].complete
    turns = [event for event in script.events if isinstance(event, UserTurn)]
    assert [(turn.value, turn.over_prompt) for turn in turns] == [("true", False)]


def test_a_key_over_a_paused_prompt_takes_the_word() -> None:
    phone, script = dial(ASK, NEXT)
    phone.wait(600)
    phone.saying = ""
    phone.wait(300, 0.95)
    assert phone.floor() is Floor.PAUSED
    phone.step(Digit("3"))
    assert isinstance(script.events[-1], UserTurn)
    assert script.events[-1].text == "3"
    phone.wait(400)
    assert loud(phone, 300), "the next prompt is not held back"


def test_one_word_counts_once_it_stands() -> None:
    phone, _ = dial(ASK, NEXT)
    phone.wait(600)
    phone.engines = False
    phone.wait(300, 0.95)
    job = phone.asked(StartRecognition)[0].job
    phone.step(PartialHeard(job, "agent"), probability=0.95)
    assert phone.floor() is Floor.PAUSED
    phone.wait(260, 0.95)
    assert decisions(phone) == ["interrupted"]
    assert not phone.asked(Interpret)
