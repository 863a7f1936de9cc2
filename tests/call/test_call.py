"""Turn-taking in virtual time: the call's own rules, with scripted engines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.call.phone import WORD_MS, Phone, Script, dial, meaning, recognised, say, spoken
from voicebot.audio.frame import FRAME_MS, Frame
from voicebot.call.bridge import Role
from voicebot.call.commands import (
    CancelJob,
    CommitTurn,
    Finish,
    FinishRecognition,
    Interpret,
    MaskRecording,
    RecogniseAudio,
    RunAction,
    StartRecognition,
    StartRecording,
    StopRecording,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import (
    Digit,
    HandOffStored,
    HungUp,
    JobFailed,
    LegJoined,
    LegLeft,
    PartialHeard,
    Synthesised,
    Understood,
)
from voicebot.call.facts import CallLimits
from voicebot.call.timeline import (
    BargedIn,
    CallEnded,
    CallerStopped,
    Floor,
    Heard,
    JobLost,
    NothingHeard,
    PromptEnded,
    PromptStarted,
    SilenceElapsed,
)
from voicebot.dialogue.events import (
    Act,
    ActionFinished,
    AnswerKind,
    Choice,
    End,
    Expectation,
    HandOff,
    HandOffReason,
    Keypad,
    Listen,
    Move,
    Started,
    Trouble,
    UserSilence,
    UserTurn,
)
from voicebot.nlu.interpreter import IntentScore, Interpretation

ASK: list[Move] = [say("How can I help you today please"), Listen(Expectation())]
YES_NO = Expectation(AnswerKind.YES_NO, "confirmed")
NUMBER = Expectation(AnswerKind.DIGITS, "account", length=(8, 8), keypad=Keypad(length=8), sensitive=True)
NEXT: list[Move] = [say("Thanks"), Listen(Expectation())]


def greeted(*moves: Sequence[Move], question: Sequence[Move] | None = None) -> tuple[Phone, Script]:
    """A phone whose caller has heard the question to its end."""
    phone, script = dial(question or ASK, *moves)
    phone.wait(3000)
    assert phone.floor() is Floor.OPEN
    return phone, script


def turns(script: Script) -> list[UserTurn]:
    return [event for event in script.events if isinstance(event, UserTurn)]


def loud(phone: Phone, last: int) -> bool:
    """Whether the bot made sound in its last frames."""
    return any(np.abs(frame).max() > 500 for frame in phone.sent[-last:])


# --- the plain turn ------------------------------------------------------------------------------------------------


def test_greets_at_once_and_opens_the_floor() -> None:
    phone, script = dial(ASK)
    phone.step()
    assert isinstance(script.events[0], Started)
    assert loud(phone, 1)
    phone.wait(7 * WORD_MS + 100)
    assert phone.floor() is Floor.OPEN
    assert [e.response for e in phone.all(PromptStarted)] == ["utter_how"]
    assert phone.all(PromptEnded) == [PromptEnded("utter_how", "How can I help you today please", complete=True)]


def test_an_utterance_goes_to_the_recogniser_in_order_with_pre_roll() -> None:
    phone, _ = greeted(NEXT)
    phone.speak("opening hours", ms=800)
    start, *audio = [c for c in phone.commands if isinstance(c, StartRecognition | RecogniseAudio | FinishRecognition)]
    assert isinstance(start, StartRecognition)
    assert isinstance(audio[-1], FinishRecognition)
    blocks = [c.samples.size for c in audio if isinstance(c, RecogniseAudio)]
    stopped = phone.all(CallerStopped)[0]
    heard_ms = sum(blocks) * 1000 // 8000
    assert heard_ms >= 300 + 800 + stopped.hangover_ms - 60, "300 ms before the onset, the speech, and the hangover"
    assert all(size == 800 for size in blocks[1:-1]), "100 ms blocks"


def test_what_was_said_reaches_the_dialogue_with_its_meaning() -> None:
    phone, script = greeted(NEXT)
    phone.meaning = meaning("branch_hours", ("city", "boston"))
    phone.speak("when is boston open")
    (turn,) = turns(script)
    assert (turn.text, turn.intent, turn.confidence) == ("when is boston open", "branch_hours", 0.9)
    assert [(m.name, m.value) for m in turn.mentions] == [("city", "boston")]
    assert not turn.over_prompt


def test_the_delay_counts_from_the_true_end_of_speech() -> None:
    phone, _ = greeted(NEXT)
    begun = phone.call.clock.frame * FRAME_MS
    phone.speak("opening hours", ms=800)
    answer = phone.all(PromptStarted)[-1]
    stopped = phone.all(CallerStopped)[0]
    assert abs(stopped.ended_ms - (begun + 800)) <= 32
    at = next(e.at_ms for e in phone.entries if e.event is answer)
    assert answer.delay_ms == at - stopped.ended_ms
    assert stopped.hangover_ms < answer.delay_ms < stopped.hangover_ms + 150


def test_a_yes_needs_no_interpreter_and_a_short_hangover() -> None:
    phone, script = greeted(NEXT, question=[say("Shall I block it now"), Listen(YES_NO)])
    phone.speak("yes please", ms=600)
    assert turns(script)[0].value == "true"
    assert not phone.asked(Interpret)
    assert phone.all(CallerStopped)[0].hangover_ms <= 350


def test_speech_that_goes_on_before_the_reply_is_one_turn() -> None:
    phone, script = greeted(NEXT)
    phone.engines = False
    phone.wait(800, 0.95)
    phone.wait(700)
    first = phone.asked(FinishRecognition)[0].job
    phone.wait(300, 0.95)
    phone.step(recognised(first, "my checking account"))
    assert not phone.asked(Interpret), "the caller is speaking on"
    phone.wait(300, 0.95)
    phone.saying, phone.engines = "oh sorry no my savings", True
    phone.wait(1200)
    assert [t.text for t in turns(script)] == ["my checking account oh sorry no my savings"]


def test_unknown_words_are_no_match_but_a_short_noise_is_nothing() -> None:
    phone, script = greeted(NEXT)
    phone.speak("", ms=250)
    assert len(phone.all(NothingHeard)) == 1
    assert not turns(script)
    phone.speak("[unk]", ms=900)
    assert [(t.text, t.intent) for t in turns(script)] == [("", "out_of_scope")]


# --- silence and limits --------------------------------------------------------------------------------------------


def test_silence_is_counted_from_the_end_of_the_prompt() -> None:
    phone, script = dial([say("Well"), Listen(Expectation(silence_s=4))])
    phone.wait(WORD_MS + 3900)
    assert not isinstance(script.events[-1], UserSilence)
    phone.wait(200)
    assert isinstance(script.events[-1], UserSilence)
    assert phone.all(SilenceElapsed)[0].after_ms == 4000


def test_a_noise_does_not_prolong_the_silence() -> None:
    phone, script = dial([say("Well"), Listen(Expectation(silence_s=4))])
    phone.wait(2000)
    phone.speak("", ms=200, after=1800)
    phone.wait(600)
    assert isinstance(script.events[-1], UserSilence)


def test_the_longest_call_goes_to_a_human_and_then_ends() -> None:
    phone, script = dial(ASK, [HandOff(HandOffReason.POLICY, "general")], limits=CallLimits(5, 1, max_wait_s=3))
    phone.wait(5100)
    assert isinstance(script.events[-1], Trouble)
    phone.wait(2000)
    assert not phone.call.ended, "who waits for a human may wait longer than the bot may talk"
    phone.wait(1100)
    assert phone.call.ended
    assert phone.asked(Finish)[0].outcome == "handed_off"


# --- barge-in ------------------------------------------------------------------------------------------------------


def test_speech_pauses_the_prompt_at_once_and_words_end_it() -> None:
    phone, script = dial(ASK, NEXT)
    phone.wait(600)
    phone.wait(160, 0.95)
    assert phone.floor() is Floor.PAUSED
    phone.wait(40, 0.95)
    assert not loud(phone, 1), "silent before any word was understood"
    phone.saying = "i want an agent"
    phone.wait(600, 0.95)
    assert phone.floor() is Floor.CALLER
    phone.wait(1200)
    assert [b.decision for b in phone.all(BargedIn)] == ["interrupted"]
    assert phone.all(PromptEnded)[0].complete is False
    assert phone.all(PromptEnded)[0].said == "How can I"
    assert turns(script)[0].over_prompt


def test_a_back_channel_resumes_from_the_word() -> None:
    phone, script = dial(ASK)
    phone.wait(760)
    phone.speak("uh huh", ms=300, after=900)
    assert [b.decision for b in phone.all(BargedIn)] == ["resumed"]
    assert not turns(script)
    phone.wait(3000)
    assert phone.all(PromptEnded)[-1].complete
    heard = np.concatenate(phone.sent)
    whole = spoken("How can I help you today please").samples
    extra = int((np.abs(heard) > 0).sum()) - int((np.abs(whole) > 0).sum())
    assert 0 < extra <= 8000 * WORD_MS // 1000, "at most one word is said twice"


def test_a_lone_yes_over_the_prompt_confirms_nothing() -> None:
    phone, script = dial([say("Shall I really block your card now"), Listen(YES_NO)], NEXT)
    phone.wait(700)
    phone.speak("yes", ms=300, after=3000)
    assert not turns(script)
    phone.speak("yes", ms=300)
    assert turns(script)[0].value == "true"


def test_noise_without_words_does_not_silence_the_bot_for_long() -> None:
    phone, script = dial(ASK)
    phone.wait(600)
    phone.saying = ""
    phone.wait(5000, 0.95)
    assert [b.decision for b in phone.all(BargedIn)] == ["resumed"]
    assert phone.all(PromptEnded)[0].complete
    assert not turns(script)


def test_words_in_the_noise_still_interrupt() -> None:
    phone, _ = dial([say("one two three four five six seven eight nine ten eleven twelve"), Listen(Expectation())])
    phone.wait(600)
    phone.saying = ""
    phone.wait(1800, 0.95)
    assert phone.floor() is Floor.BOT
    phone.saying = "give me an agent"
    phone.wait(200, 0.95)
    assert phone.floor() is Floor.CALLER


def test_an_uninterruptible_prompt_is_said_to_its_end_and_what_was_said_over_it_counts_then() -> None:
    phone, script = dial([say("This call is recorded for you", interruptible=False), Listen(Expectation())], NEXT)
    phone.wait(300)
    phone.speak("opening hours please", ms=500, after=400)
    assert not turns(script)
    assert phone.floor() is Floor.BOT
    phone.wait(1500)
    assert phone.all(PromptEnded)[0].complete
    assert turns(script)[0].text == "opening hours please"
    assert turns(script)[0].over_prompt


# --- keys ----------------------------------------------------------------------------------------------------------


def test_keys_and_speech_answer_the_same_question() -> None:
    question: list[Move] = [say("Your account number please"), Listen(NUMBER)]
    keyed, by_key = greeted(NEXT, question=question)
    for key in "12345678":
        keyed.step(Digit(key))
        keyed.wait(180)
    spoke, by_voice = greeted(NEXT, question=question)
    spoke.speak("one two three four five six seven eight", ms=2500)
    assert turns(by_key)[0].value == turns(by_voice)[0].value == "12345678"
    assert turns(by_key)[0].keyed


def test_a_key_stops_the_prompt() -> None:
    choices = (Choice("card", ("card",), "1"), Choice("account", ("account",), "2"))
    phone, script = dial([say("Press one or two"), Listen(Expectation(AnswerKind.CHOICE, choices=choices))], NEXT)
    phone.wait(300)
    phone.step(Digit("2"))
    assert turns(script)[0].value == "account"
    assert phone.all(BargedIn)[0].reason == "key"


def test_zero_at_an_open_question_reaches_the_dialogue_as_a_key() -> None:
    phone, script = greeted(NEXT)
    phone.step(Digit("0"))
    assert (turns(script)[0].text, turns(script)[0].keyed) == ("0", True)


def test_star_starts_the_number_anew_and_hash_ends_it() -> None:
    open_number = Expectation(AnswerKind.DIGITS, "code", length=(4, 10), keypad=Keypad())
    phone, script = greeted(NEXT, question=[say("Code"), Listen(open_number)])
    for key in "99*1234#":
        phone.step(Digit(key))
        phone.wait(100)
    assert turns(script)[0].value == "1234"


def test_keys_without_an_end_are_taken_after_a_while() -> None:
    phone, script = greeted(NEXT, question=[say("Number"), Listen(NUMBER)])
    for key in "123":
        phone.step(Digit(key))
    phone.wait(2900)
    assert not turns(script)
    phone.wait(300)
    assert turns(script)[0].value == "123"


def test_keys_typed_ahead_answer_the_next_question() -> None:
    phone, script = greeted([Act("action_slow", {})], [say("Number"), Listen(NUMBER)], NEXT)
    phone.speak("my balance")
    for key in "12345678":
        phone.step(Digit(key))
    assert len(turns(script)) == 1
    job = phone.asked(RunAction)[0].job
    phone.step(JobFailed(job, "action", "down"))
    assert turns(script)[-1].value == "12345678"


# --- digits in groups ----------------------------------------------------------------------------------------------


def test_a_number_comes_in_groups_with_pauses() -> None:
    phone, script = greeted(NEXT, question=[say("Number"), Listen(NUMBER)])
    phone.speak("one two three four", ms=1200, after=2000)
    assert not turns(script)
    phone.speak("five six seven eight", ms=1200, after=1500)
    assert turns(script)[0].value == "12345678"


def test_a_number_begun_anew_replaces_the_first_part() -> None:
    phone, script = greeted(NEXT, question=[say("Number"), Listen(NUMBER)])
    phone.speak("one two three four five", ms=1200, after=2000)
    phone.speak("one two three four five six seven eight", ms=2400, after=1500)
    assert turns(script)[0].value == "12345678"


def test_a_part_of_a_number_is_taken_when_nothing_follows() -> None:
    phone, script = greeted(NEXT, question=[say("Number"), Listen(NUMBER)])
    phone.speak("one two three", ms=900, after=5000)
    assert turns(script)[0].value == "123"


# --- engines that fail ---------------------------------------------------------------------------------------------


def test_results_of_forgotten_or_invented_jobs_are_dropped() -> None:
    phone, script = greeted(NEXT)
    before = len(phone.entries)
    phone.step(
        Understood(999, Interpretation("x", IntentScore("block_card", 1.0))),
        recognised(998, "x"),
        PartialHeard(997, "x"),
    )
    assert len(phone.entries) == before
    assert not turns(script)


@pytest.mark.parametrize("engine", ["recognise", "interpret"])
def test_an_engine_that_hangs_is_trouble_after_its_deadline(engine: str) -> None:
    phone, script = greeted([say("Sorry"), HandOff(HandOffReason.ERROR, "general")])
    phone.engines = False
    phone.wait(800, 0.95)
    phone.wait(1000)
    if engine == "interpret":
        phone.step(recognised(phone.asked(FinishRecognition)[0].job, "balance"))
    phone.wait(4000)
    assert phone.all(JobLost)[0].kind == engine
    assert script.events[-1] == Trouble(HandOffReason.ERROR, f"{engine} failed: no answer within its deadline")
    assert phone.asked(StoreHandOff)


def test_a_synthesiser_that_fails_is_trouble() -> None:
    phone, script = dial([say("?rare text"), Listen(Expectation())], [HandOff(HandOffReason.ERROR, "general")])
    phone.step()
    phone.step(JobFailed(phone.asked(Synthesise)[0].job, "espeak", "died"))
    assert isinstance(script.events[-1], Trouble)


def test_an_action_that_fails_is_the_dialogues_to_judge() -> None:
    phone, script = greeted([Act("action_x", {"a": "b"})], NEXT)
    phone.speak("my balance")
    phone.step(JobFailed(phone.asked(RunAction)[0].job, "action", "down"))
    assert script.events[-1] == ActionFinished("action_x", error="down")


def test_synthesis_is_played_piece_by_piece_as_it_comes() -> None:
    phone, _ = dial([say("?rare text here"), Listen(Expectation())])
    phone.step()
    job = phone.asked(Synthesise)[0].job
    assert not loud(phone, 1)
    phone.step(Synthesised(job, spoken("?rare"), last=False))
    phone.wait(100)
    assert loud(phone, 2)
    phone.wait(600)
    assert phone.floor() is Floor.BOT, "the second piece is still awaited"
    phone.step(Synthesised(job, spoken("text here"), last=True))
    phone.wait(700)
    assert phone.floor() is Floor.OPEN


# --- hand-off, recording, the end ----------------------------------------------------------------------------------


def test_the_caller_is_told_of_the_hand_off_only_when_it_is_stored() -> None:
    phone, _ = greeted([say("A colleague will help you"), HandOff(HandOffReason.USER_REQUEST, "cards", 2)])
    phone.engines = False
    phone.meaning = meaning("talk_to_human")
    phone.wait(600, 0.95)
    phone.wait(800)
    phone.step(recognised(phone.asked(FinishRecognition)[0].job, "agent"))
    asked = phone.asked(Interpret)[0]
    phone.step(Understood(asked.job, phone.meaning("agent")))
    phone.wait(500)
    (store,) = phone.asked(StoreHandOff)
    assert not loud(phone, 20)
    phone.step(HandOffStored(store.job, "Q-7", 3))
    assert loud(phone, 1)
    assert phone.call.handed_off == "Q-7"
    package = store.package
    assert (package.queue, package.priority, package.reason) == ("cards", 2, HandOffReason.USER_REQUEST)
    assert [t.text for t in package.transcript] == ["How can I help you today please", "agent"]
    assert package.transcript[-1].intents[0].name == "talk_to_human"
    assert package.summary.count(". ") == 1, "two sentences"
    phone.wait(2500)
    assert phone.floor() is Floor.WAITING
    assert any(np.abs(frame).max() > 100 for frame in phone.sent[-50:]), "waiting music"


def test_a_store_that_fails_is_tried_again_and_the_caller_never_deceived() -> None:
    hand_off: list[Move] = [say("A colleague will help you"), HandOff(HandOffReason.ERROR, "general")]
    phone, _ = greeted(hand_off, hand_off)
    phone.engines = False
    phone.step(Digit("0"))
    for _ in range(2):
        phone.step(JobFailed(phone.asked(StoreHandOff)[-1].job, "store", "disk full"))
        phone.wait(100)
    assert not loud(phone, 8)
    assert phone.asked(Finish)[0].outcome == "failed"


def test_an_agent_joins_and_hears_the_caller_and_is_heard() -> None:
    phone, _ = greeted([say("Wait"), HandOff(HandOffReason.USER_REQUEST, "general")])
    phone.step(Digit("0"))
    phone.wait(1500)
    phone.step(LegJoined("agent-1", Role.AGENT))
    agent = np.full(160, 7, np.int16)
    caller = np.full(160, 9, np.int16)
    step = phone.call.step([], Frame(caller), {"agent-1": Frame(agent)})
    assert (step.frame.samples == 7).all()
    assert (step.others["agent-1"].samples == 9).all()
    phone.step(LegLeft("agent-1"))
    assert phone.floor() is Floor.WAITING


def test_recording_begins_when_told_and_hides_what_is_sensitive() -> None:
    told: list[Move] = [say("This call is recorded", interruptible=False), Act("call_start_recording", {})]
    phone, _ = dial(told, [say("Number"), Listen(NUMBER)], NEXT)
    phone.wait(4 * WORD_MS - 40)
    assert not phone.asked(StartRecording), "only after the caller was told"
    phone.wait(60)
    assert phone.asked(StartRecording)
    (opened,) = phone.asked(MaskRecording)
    assert opened.end is None
    phone.wait(1000)
    phone.speak("one two three four five six seven eight", ms=2500)
    closed = [m for m in phone.asked(MaskRecording) if m.start == opened.start and m.end is not None]
    assert len(closed) == 1
    phone.step(HungUp())
    assert phone.asked(StopRecording)


def test_nothing_sensitive_is_written_down() -> None:
    phone, _ = greeted(NEXT, NEXT, question=[say("Number"), Listen(NUMBER)])
    phone.speak("one two three four five six seven eight", ms=2500)
    phone.speak("it was four four one two nine", ms=2000)
    written = " ".join(e.as_json() for e in phone.entries)
    written += " ".join(c.turn.text for c in phone.asked(CommitTurn))
    for leak in ("one two", "four four", "12345678", "44129"):
        assert leak not in written
    assert phone.all(Heard)


def test_hanging_up_ends_everything_at_once() -> None:
    phone, _ = greeted(NEXT)
    phone.engines = False
    phone.wait(500, 0.95)
    phone.step(HungUp())
    assert phone.call.ended
    assert phone.asked(CancelJob)
    assert phone.asked(Finish) == [Finish("abandoned", "the caller hung up (caller)")]
    assert phone.all(CallEnded) == [CallEnded("abandoned", "the caller hung up (caller)")]
    before = len(phone.commands)
    phone.step(Digit("1"))
    assert len(phone.commands) == before


def test_goodbye_is_said_before_the_line_is_closed() -> None:
    phone, _ = greeted([say("Goodbye then"), End("goodbye")])
    phone.speak("bye", ms=400, after=600)
    assert not phone.call.ended
    phone.wait(1200)
    assert phone.asked(Finish) == [Finish("completed", "goodbye")]
