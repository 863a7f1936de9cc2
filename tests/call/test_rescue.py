"""When a call's own logic breaks: nothing said is lost, the caller hears how it ends, and no more than is true."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.call.phone import WORD_MS, Cached, Phone, Script, dial, say
from voicebot.audio.frame import Frame, silence
from voicebot.call.call import Call
from voicebot.call.commands import CommitTurn, Finish, StoreHandOff
from voicebot.call.events import Digit, HandOffStored, HungUp, Input, JobFailed
from voicebot.call.facts import CallFacts
from voicebot.call.rescue import LastWords, Rescue
from voicebot.call.step import Step
from voicebot.call.timeline import CallEnded, HandedOff, PromptStarted
from voicebot.dialogue.events import Event, Expectation, HandOff, HandOffReason, LearntSlot, Listen, Move, UserTurn
from voicebot.speech.recogniser import Hints

WORDS = LastWords(say("Sorry, a colleague knows", interruptible=False), say("Sorry, call again", interruptible=False))


class Breaking(Script):
    """A dialogue that breaks at the caller's second turn, and wholly if told so."""

    def __init__(self, *, wholly: bool) -> None:
        super().__init__([say("How can I help"), Listen(Expectation())])
        self._wholly = wholly

    def advance(self, event: Event) -> list[Move]:
        moves = super().advance(event)
        if sum(isinstance(each, UserTurn) for each in self.events) == 2:
            raise ZeroDivisionError
        return moves

    def learnt(self) -> tuple[LearntSlot, ...]:
        if self._wholly:
            raise RuntimeError
        return super().learnt()


def broken(*, wholly: bool = False, words: LastWords = WORDS) -> tuple[Phone, Rescue]:
    """A call that has just broken, and what takes over."""
    facts = CallFacts("c1", "+15550100", "100", datetime(2026, 3, 2, 10, tzinfo=UTC))
    call = Call(facts, Breaking(wholly=wholly), Cached(), lambda e: Hints(e.kind.value), last_words=words)
    phone = Phone(call)
    phone.wait(1500)
    phone.speak("what about my card")
    with pytest.raises(ZeroDivisionError):
        phone.speak("i said what about my card")
    return phone, Rescue(call.wreck(), "ZeroDivisionError")


def handing_off() -> Phone:
    """A call whose package is about to be stored; the store does not answer by itself."""
    facts = CallFacts("c1", "+15550100", "100", datetime(2026, 3, 2, 10, tzinfo=UTC))
    told: list[Move] = [say("A colleague will help"), HandOff(HandOffReason.USER_REQUEST, "general")]
    script = Script([say("How can I help"), Listen(Expectation())], told, told[-1:])
    phone = Phone(Call(facts, script, Cached(), lambda e: Hints(e.kind.value), last_words=WORDS), engines=False)
    phone.wait(1500)
    phone.step(Digit("0"))
    return phone


def go_on(phone: Phone, rescue: Rescue, *inputs: Input, frames: int = 1) -> list[Step]:
    """Frames of the rescue; the inputs come with the first."""
    steps = []
    for number in range(frames):
        steps.append(rescue.step(inputs if number == 0 else (), Frame(silence(8000).samples)))
        phone.commands.extend(steps[-1].commands)
        phone.entries.extend(phone.call.timeline.drain())
    return steps


def loud(steps: list[Step]) -> bool:
    return any(np.abs(step.frame.samples).max() > 500 for step in steps)


@pytest.mark.parametrize("wholly", [False, True])
def test_the_case_is_stored_then_told_then_the_call_ends(wholly: bool) -> None:
    phone, rescue = broken(wholly=wholly)
    assert not loud(go_on(phone, rescue, frames=20)), "nothing is promised before it is stored"
    (store,) = phone.asked(StoreHandOff)
    assert store.package.reason is HandOffReason.ERROR
    assert [turn.text for turn in store.package.transcript] == [turn.turn.text for turn in phone.asked(CommitTurn)]
    assert store.package.transcript[-1].text == "i said what about my card"
    assert bool(store.package.slots) is not wholly
    assert loud(go_on(phone, rescue, HandOffStored(store.job, "Q-7", 1), frames=4 * WORD_MS // 20))
    assert phone.all(HandedOff)[0].entry == phone.call.handed_off == "Q-7"
    assert phone.all(PromptStarted)[-1].text == "Sorry, a colleague knows"
    go_on(phone, rescue, frames=20)
    assert phone.call.ended
    assert [c.outcome for c in phone.asked(Finish)] == [e.outcome for e in phone.all(CallEnded)] == ["handed_off"]


@pytest.mark.parametrize("answered", [True, False])
def test_who_cannot_be_stored_hears_no_promise(answered: bool) -> None:
    phone, rescue = broken()
    go_on(phone, rescue)
    (store,) = phone.asked(StoreHandOff)
    failed = [JobFailed(store.job, "store", "disk full")] if answered else []
    go_on(phone, rescue, *failed, frames=0 if answered else store.deadline)
    steps = go_on(phone, rescue, *failed, frames=10)
    assert loud(steps)
    assert phone.all(PromptStarted)[-1].text == "Sorry, call again"
    go_on(phone, rescue, HandOffStored(store.job, "Q-7", 1), frames=3 * WORD_MS // 20 + 20)
    assert phone.asked(Finish)[0].outcome == "failed"
    assert phone.call.handed_off is None


def test_who_hangs_up_meanwhile_is_in_the_queue_all_the_same() -> None:
    phone, rescue = broken()
    go_on(phone, rescue)
    go_on(phone, rescue, HungUp(), frames=3)
    assert len(phone.asked(StoreHandOff)) == len(phone.asked(Finish)) == 1


def test_without_words_the_call_just_ends() -> None:
    phone, rescue = broken(words=LastWords())
    go_on(phone, rescue)
    go_on(phone, rescue, HandOffStored(phone.asked(StoreHandOff)[0].job, "Q-7", 1), frames=3)
    assert phone.asked(Finish)


def test_a_call_that_breaks_while_it_waits_is_not_stored_twice() -> None:
    phone, _ = dial([say("Hello"), Listen(Expectation())])
    phone.wait(1000)
    phone.call._books.handed_off = "Q-1"
    rescue = Rescue(phone.call.wreck(), "ValueError")
    go_on(phone, rescue, frames=5)
    assert not phone.asked(StoreHandOff)
    assert phone.asked(Finish)[0].outcome == "handed_off"


def test_a_second_attempt_to_store_is_told_like_a_first() -> None:
    phone = handing_off()
    phone.step(JobFailed(phone.asked(StoreHandOff)[0].job, "store", "busy"))
    phone.step(HandOffStored(phone.asked(StoreHandOff)[1].job, "Q-7", 1))
    assert phone.all(PromptStarted)[-1].text == "A colleague will help"


def test_a_store_that_fails_twice_ends_the_call_with_an_apology() -> None:
    phone = handing_off()
    for _ in range(2):
        phone.step(JobFailed(phone.asked(StoreHandOff)[-1].job, "store", "disk full"))
    assert phone.all(PromptStarted)[-1].text == "Sorry, call again"
    phone.wait(3 * WORD_MS)
    assert [c.outcome for c in phone.asked(Finish)] == ["failed"]
