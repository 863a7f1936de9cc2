"""One turn an answer, with the words, the confidence and the intents that led to it; nothing secret in writing."""

from __future__ import annotations

from tests.call.phone import Phone, Script, dial, meaning, say
from voicebot.call.answering import Answering
from voicebot.call.books import Books
from voicebot.call.commands import CommitTurn, Interpret, MaskRecording
from voicebot.call.ear import Utterance
from voicebot.call.events import Digit
from voicebot.call.timeline import Floor, Heard, Meant
from voicebot.dialogue.events import AnswerKind, Expectation, Keypad, Listen, Move, UserSilence, UserTurn
from voicebot.speech.recogniser import Hypothesis, Transcription

NUMBER = Expectation(AnswerKind.DIGITS, "account", length=(8, 8), keypad=Keypad(length=8), sensitive=True)
ASK: list[Move] = [say("How can I help"), Listen(Expectation())]
NEXT: list[Move] = [say("Thanks"), Listen(Expectation())]


def asked_for_number(interruptible: bool = True) -> tuple[Phone, Script]:
    """A caller who has just heard the question for the account number."""
    phone, script = dial([say("Your number please", interruptible=interruptible), Listen(NUMBER)], NEXT)
    return phone, script


def turns(script: Script) -> list[UserTurn]:
    return [event for event in script.events if isinstance(event, UserTurn)]


def heard(text: str, confidence: float) -> Transcription:
    return Transcription((Hypothesis(text, confidence),), "scripted")


def test_utterances_of_one_answer_are_one_turn_of_the_least_confidence() -> None:
    books = Books()
    answering = Answering(books)
    for text, confidence in (("my checking", 0.8), ("[unk] account", 0.5)):
        said = Utterance(1, 1000, ended_ms=2000)
        answering.write(said, heard(text, confidence), sensitive=False)
        answering.add(said, heard(text, confidence))
    answering.read(Expectation())
    (asked,) = [command for command in books.jobs.take() if isinstance(command, Interpret)]
    assert (asked.text, answering.answer.heard) == ("my checking account", 0.5)
    assert not books.transcript, "committed only with what it was taken for"
    answering.commit()
    assert [turn.text for turn in books.transcript] == ["my checking", "account"]


def test_a_coughing_caller_may_finish_the_number() -> None:
    phone, script = asked_for_number()
    phone.wait(1500)
    phone.speak("one two three four", ms=1200, after=1600)
    phone.speak("", ms=250, after=1700)
    assert not turns(script)
    phone.speak("five six seven eight", ms=1200)
    assert [turn.value for turn in turns(script)] == ["12345678"]


def test_a_noise_between_keys_is_no_answer() -> None:
    phone, script = asked_for_number()
    phone.wait(1500)
    for key in "1234":
        phone.step(Digit(key))
    phone.speak("", ms=250, after=1000)
    assert not phone.asked(Interpret)
    for key in "5678":
        phone.step(Digit(key))
    assert [turn.value for turn in turns(script)] == ["12345678"]


def test_keys_begun_over_a_prompt_that_must_be_heard_are_completed_after_it() -> None:
    phone, script = asked_for_number(interruptible=False)
    phone.wait(300)
    for key in "1234":
        phone.step(Digit(key))
    phone.wait(1200)
    assert (phone.floor(), phone.asked(Interpret)) == (Floor.OPEN, [])
    for key in "5678":
        phone.step(Digit(key))
    assert [turn.value for turn in turns(script)] == ["12345678"]


def test_a_single_spoken_digit_of_a_secret_is_written_nowhere_and_silenced() -> None:
    phone, _ = asked_for_number()
    phone.wait(1500)
    phone.speak("seven", ms=500, after=1200)
    written = " ".join(entry.as_json() for entry in phone.entries) + repr(phone.asked(CommitTurn))
    assert "seven" not in written
    assert phone.all(Heard)[0].text == "••••"


def test_a_number_said_unasked_is_masked_and_silenced() -> None:
    phone, _ = dial(ASK, NEXT)
    phone.wait(2000)
    begun = phone.call.clock.frame
    phone.speak("it is for one two three four five", ms=1500)
    assert phone.all(Heard)[0].text == "it is for ••••"
    (mask,) = phone.asked(MaskRecording)
    assert mask.start <= begun
    assert mask.end is not None
    assert mask.end >= begun + 75


def test_an_answer_of_an_earlier_question_does_not_colour_the_next() -> None:
    """Digits that led nowhere are gone when silence has been answered for."""
    phone, script = asked_for_number()
    phone.wait(1500)
    phone.step(Digit("*"))
    phone.wait(9000)
    assert isinstance(script.events[-1], UserSilence)
    phone.wait(1000)
    phone.meaning = meaning("branch_hours")
    phone.speak("when are you open")
    assert [turn.text for turn in turns(script)] == ["when are you open"]
    assert phone.all(Meant)[-1].engine == "scripted"


def test_speech_is_ignored_where_keys_alone_may_answer() -> None:
    keys_only = Expectation(AnswerKind.DIGITS, "pin", length=(4, 4), keypad=Keypad(4, allow_audio_input=False))
    phone, script = dial(ASK, [say("Key in your pin"), Listen(keys_only)], NEXT)
    phone.wait(2000)
    phone.speak("my pin", after=900)
    phone.speak("one two three four", ms=1200, after=2000)
    assert not phone.call.listening
    assert len(turns(script)) == 1
    for key in "1234":
        phone.step(Digit(key))
    assert turns(script)[-1].value == "1234"
    phone.wait(1000)
    assert phone.call.listening


def test_speech_under_way_does_not_hold_up_a_question_for_keys() -> None:
    keys_only = Expectation(AnswerKind.DIGITS, "pin", length=(4, 4), keypad=Keypad(4, allow_audio_input=False))
    phone, _ = dial(ASK, [say("Key in your pin"), Listen(keys_only)], NEXT)
    phone.wait(2000)
    phone.speak("my pin", ms=400, after=560)
    phone.saying = "and then there is"
    phone.wait(1000, 0.95)
    phone.wait(1500)
    assert [turn.text for turn in phone.call.transcript if turn.speaker == "bot"][-1] == "Key in your pin"
    assert phone.floor() is Floor.OPEN
