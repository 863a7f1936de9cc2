"""Who hears whom: every party the others, never itself, and a supervisor only as far as the role goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.call.phone import Phone, dial, say
from voicebot.audio.frame import Frame, silence
from voicebot.call.bridge import Bridge, Role
from voicebot.call.commands import Finish, RunAction, StartRecognition, StoreHandOff
from voicebot.call.events import ActionResult, Digit, HandOffStored, HungUp, LegJoined, LegLeft
from voicebot.call.timeline import Floor
from voicebot.dialogue.events import Act, Expectation, HandOff, HandOffReason, Listen, Move

PARTIES = st.lists(st.tuples(st.sampled_from(Role), st.booleans()), min_size=1, max_size=7)
CUSTOMERS = (Role.CALLER, Role.BOT)


def bridge_of(parties: list[tuple[Role, bool]]) -> Bridge:
    """Legs "0", "1", ... with their roles; the held ones on hold."""
    bridge = Bridge(8000)
    for number, (role, held) in enumerate(parties):
        bridge.add(str(number), role)
        bridge.hold(str(number), held=held)
    return bridge


def speakers_heard(bridge: Bridge, count: int, listener: int) -> set[int]:
    """Leg n says the constant 2**n, so that the mix tells who is in it."""
    spoken = {str(n): Frame(np.full(160, 1 << n, np.int16)) for n in range(count)}
    heard = bridge.hear(str(listener), spoken).samples
    assert heard.shape == (160,)
    assert heard.dtype == np.int16
    level = int(heard[0])
    assert (heard == level).all()
    return {n for n in range(count) if level & (1 << n)}


@given(PARTIES)
def test_who_hears_whom(parties: list[tuple[Role, bool]]) -> None:
    bridge = bridge_of(parties)
    for listener, (role, held) in enumerate(parties):
        heard = speakers_heard(bridge, len(parties), listener)
        expected = {
            speaker
            for speaker, (who, away) in enumerate(parties)
            if speaker != listener
            and not held
            and not away
            and who is not Role.LISTENING
            and not (who is Role.WHISPERING and role in CUSTOMERS)
        }
        assert heard == expected


@given(PARTIES, st.data())
def test_coming_and_going_leaves_the_others_as_they_were(parties: list[tuple[Role, bool]], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(parties) - 1))
    bridge, without = bridge_of(parties), Bridge(8000)
    for number, (role, held) in enumerate(parties):
        if number != gone:
            without.add(str(number), role)
            without.hold(str(number), held=held)
    assert bridge.remove(str(gone)) is not None
    assert bridge.remove(str(gone)) is None
    assert set(bridge.parties) == set(without.parties)
    for listener in range(len(parties)):
        count = len(parties)
        assert speakers_heard(bridge, count, listener) == speakers_heard(without, count, listener)


def test_a_supervisor_who_listens_then_whispers_then_barges() -> None:
    bridge = Bridge(8000)
    for leg, role in (("caller", Role.CALLER), ("agent", Role.AGENT), ("boss", Role.LISTENING)):
        bridge.add(leg, role)
    spoken = {leg: Frame(np.full(160, level, np.int16)) for leg, level in (("caller", 1), ("agent", 2), ("boss", 4))}
    levels = []
    for role in (Role.LISTENING, Role.WHISPERING, Role.BARGING):
        bridge.add("boss", role)
        levels.append([int(bridge.hear(leg, spoken).samples[0]) for leg in ("caller", "agent", "boss")])
    assert levels == [[2, 1, 3], [2, 5, 3], [6, 5, 3]]


def test_a_change_of_role_does_not_take_a_party_off_hold() -> None:
    bridge = bridge_of([(Role.CALLER, False), (Role.AGENT, True)])
    bridge.add("1", Role.COLLEAGUE)
    assert speakers_heard(bridge, 2, 0) == set()


def test_loud_voices_saturate_and_a_lone_one_is_not_copied() -> None:
    bridge = bridge_of([(Role.CALLER, False), (Role.AGENT, False), (Role.COLLEAGUE, False)])
    loud = Frame(np.full(160, 30_000, np.int16))
    assert (bridge.hear("0", {"1": loud, "2": loud}).samples == 32_767).all()
    assert bridge.hear("0", {"1": loud}) is loud
    assert bridge.hear("0", {}) is silence(8000)
    with pytest.raises(KeyError):
        bridge.hold("9", held=True)


# --- a human on the bridge of a call -------------------------------------------------------------------------------

ASK: list[Move] = [say("How can I help you today please"), Listen(Expectation())]
QUIET, VOICE = Frame(np.zeros(160, np.int16)), Frame(np.full(160, 9, np.int16))


def taken_over(*moves: list[Move]) -> Phone:
    """A call that an agent has joined while the bot was speaking."""
    phone, _ = dial(ASK, *moves)
    phone.wait(400)
    phone.step(LegJoined("agent-1", Role.AGENT))
    return phone


def test_a_bot_is_silent_and_deaf_once_a_human_has_the_call() -> None:
    phone = taken_over([say("Press one"), Listen(Expectation())])
    step = phone.call.step([], VOICE, {"agent-1": QUIET})
    assert not step.frame.samples.any(), "not a word of the bot, nor of the caller to themselves"
    assert (step.others["agent-1"].samples == 9).all()
    phone.speak("hello can you help me", after=1500)
    phone.step(Digit("1"))
    phone.wait(6000)
    assert phone.floor() is Floor.HUMAN
    assert not phone.asked(StartRecognition)
    assert not phone.call.listening


def test_what_the_bot_had_asked_for_is_dropped_when_a_human_comes() -> None:
    phone, _ = dial(
        ASK, [Act("action_x", {})], [say("Your balance is ten", interruptible=False), Listen(Expectation())]
    )
    phone.wait(3000)
    phone.speak("my balance", after=900)
    phone.step(LegJoined("agent-1", Role.AGENT))
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    phone.wait(500)
    assert phone.floor() is Floor.HUMAN
    assert not any(np.abs(frame).max() > 500 for frame in phone.sent[-20:])


def test_nothing_is_announced_over_a_human_who_comes_before_the_store_answers() -> None:
    phone, _ = dial(ASK, [say("A colleague will help"), HandOff(HandOffReason.USER_REQUEST, "general")])
    phone.wait(3000)
    phone.engines = False
    phone.step(Digit("0"))
    phone.step(LegJoined("agent-1", Role.AGENT))
    phone.step(HandOffStored(phone.asked(StoreHandOff)[0].job, "Q-1", 1))
    phone.wait(300)
    assert phone.call.handed_off == "Q-1"
    assert phone.floor() is Floor.HUMAN


def test_when_the_last_human_leaves_the_caller_hears_music_and_counts_as_handed_off() -> None:
    phone = taken_over()
    phone.step(LegJoined("agent-2", Role.AGENT), LegLeft("agent-1"))
    assert phone.floor() is Floor.HUMAN
    phone.step(LegLeft("agent-2", "hung up"))
    phone.wait(1000)
    assert phone.floor() is Floor.WAITING
    assert any(np.abs(frame).max() > 100 for frame in phone.sent[-50:])
    phone.step(HungUp())
    assert phone.asked(Finish)[0].outcome == "handed_off"


def test_a_supervisor_who_listens_changes_nothing_for_the_caller() -> None:
    phone, _ = dial(ASK)
    phone.step(LegJoined("boss", Role.LISTENING))
    step = phone.call.step([], VOICE, {"boss": VOICE})
    alone, _ = dial(ASK)
    alone.step()
    assert (step.frame.samples == alone.call.step([], VOICE).frame.samples).all()
    assert (step.others["boss"].samples == step.frame.samples + 9).all(), "bot and caller"
    assert phone.floor() is Floor.BOT
