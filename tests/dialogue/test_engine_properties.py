"""Whatever happens, in whatever order: the shape of the answer, a way to a human, no secrets, the same each time."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.dialogue.conversing import WEDNESDAY, check_shape, demo, says
from voicebot.bank.actions import actions
from voicebot.dialogue.actions import ActionError
from voicebot.dialogue.engine import Dialogue
from voicebot.dialogue.events import (
    Act,
    ActionFinished,
    End,
    Event,
    HandOff,
    HandOffReason,
    LearntSlot,
    Listen,
    Mention,
    Move,
    Say,
    SlotSet,
    Started,
    Trouble,
    UserSilence,
    UserTurn,
    Wait,
)

NUMBERS = ("48213907", "70352846", "31620594", "11112222")
INTENTS = sorted(demo().domain.intents)
STAYING = ("check_balance", "block_card", "branch_hours", "affirm", "deny", "repeat", "help", "cancel", "greet")
"""Intents after which the call goes on."""
WORDS = ("", "yes", "no", "agent", "cancel", "repeat", "four eight", "i lost my card", "0", "1", "\u0000", "[unk]")
mentions = st.one_of(
    st.builds(Mention, st.just("account_number"), st.sampled_from(NUMBERS)),
    st.builds(Mention, st.just("branch"), st.sampled_from(("airport", "main", "{nowhere}"))),
    st.builds(Mention, st.just("card_type"), st.sampled_from(("debit", "credit", "library"))),
    st.builds(Mention, st.just("account_type"), st.sampled_from(("savings", "checking"))),
    st.builds(Mention, st.sampled_from(("day", "unheard_of")), st.sampled_from(("sunday", "tomorrow"))),
)
turns = st.builds(
    UserTurn,
    text=st.one_of(st.sampled_from(WORDS), st.text(max_size=10)),
    intent=st.sampled_from([*INTENTS, "", "unheard_of"]),
    confidence=st.sampled_from((0.0, 0.3, 0.55, 0.95)),
    heard=st.sampled_from((0.0, 0.3, 0.7, 1.0)),
    value=st.sampled_from((None, "true", "false", "debit", "0", "1", "2", "", "12", "branch_hours", *NUMBERS)),
    mentions=st.lists(mentions, max_size=2).map(tuple),
    keyed=st.booleans(),
    over_prompt=st.booleans(),
)
other: st.SearchStrategy[Event] = st.one_of(
    st.builds(UserSilence),
    st.builds(Started, st.just({"recording_policy": "ask", "unheard_of": 1.0})),
    st.builds(
        ActionFinished, st.sampled_from(sorted(actions.names)), st.just({"customer": "C1001", "card_ending": 7.0})
    ),
)
troubles = st.builds(Trouble, st.sampled_from(HandOffReason))


class AnyCall(RuleBasedStateMachine):
    """A call in which everything may happen at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.moves: list[list[Move]] = []
        self.dialogue = demo().dialogue(7)

    @property
    def last(self) -> Move:
        return self.moves[-1][-1] if self.moves else Wait()

    def tell(self, event: Event) -> None:
        made = self.dialogue.advance(event)
        check_shape(made)
        self.events.append(event)
        self.moves.append(made)

    @precondition(lambda self: not self.events)
    @rule(policy=st.sampled_from(("off", "announce", "ask")))
    def start(self, policy: str) -> None:
        self.tell(Started({"recording_policy": policy}))

    @rule(turn=turns)
    def caller(self, turn: UserTurn) -> None:
        self.tell(turn)

    @rule(intent=st.sampled_from(STAYING))
    def plain_caller(self, intent: str) -> None:
        self.tell(says(intent))

    @rule(number=st.sampled_from(NUMBERS), heard=st.sampled_from((0.3, 0.9)))
    def number(self, number: str, heard: float) -> None:
        self.tell(UserTurn("a number", "inform", 0.9, heard=heard, value=number))

    @rule(event=other)
    def other(self, event: Event) -> None:
        self.tell(event)

    @precondition(lambda self: isinstance(self.last, Act | Wait) and self.events)
    @rule(fails=st.sampled_from((False, False, False, True)))
    def action_comes_back(self, fails: bool) -> None:
        name = next(move[-1] for move in reversed(self.moves) if isinstance(move[-1], Act))
        assert isinstance(name, Act)
        if fails:
            self.tell(ActionFinished(name.name, error="it failed"))
        elif name.name.startswith("call_"):
            self.tell(ActionFinished(name.name))
        else:
            self.tell(self._run(name))

    def _run(self, act: Act) -> ActionFinished:
        try:
            return ActionFinished(act.name, actions.run(act.name, act.slots, now=WEDNESDAY))
        except ActionError as error:
            return ActionFinished(act.name, error=str(error))

    @precondition(lambda self: len(self.events) > 8)
    @rule(event=troubles)
    def trouble(self, event: Trouble) -> None:
        self.tell(event)
        assert isinstance(self.last, HandOff | End)

    @invariant()
    def the_stack_stays_small(self) -> None:
        assert len(self.dialogue._state.stack) <= 25

    @invariant()
    def no_number_is_told_to_logs_or_humans(self) -> None:
        fresh = self.moves[-1] if self.moves else []
        shown: list[object] = [move.logged for move in fresh if isinstance(move, Say)]
        shown += [move.value for move in fresh if isinstance(move, SlotSet)]
        shown += [slot.value for slot in self.dialogue.learnt() if isinstance(slot, LearntSlot)]
        for text in map(str, shown):
            assert not any(number in re.sub(r"\W", "", text) for number in NUMBERS)

    @invariant()
    def prompts_hold_no_braces_and_are_not_empty(self) -> None:
        for move in self.moves[-1] if self.moves else []:
            if isinstance(move, Say):
                assert move.text.strip()
                assert move.logged.strip()

    def teardown(self) -> None:
        if not isinstance(self.last, HandOff | End):
            plea = self.dialogue.advance(UserTurn("agent", "talk_to_human", 0.95))
            assert isinstance(plea[-1], HandOff)
            assert plea[-1].reason is HandOffReason.USER_REQUEST
            assert any(isinstance(move, Say) for move in plea)
        assert replay(self.events) == self.moves


def replay(events: list[Event]) -> list[list[Move]]:
    """The moves of a fresh dialogue with the same seed."""
    dialogue = demo().dialogue(7)
    return [dialogue.advance(event) for event in events]


AnyCall.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestAnyCall = AnyCall.TestCase


@given(st.lists(st.sampled_from((UserSilence(), says("out_of_scope", "blah", 0.2), says("check_balance", "?", 0.1)))))
def test_misunderstandings_alone_lead_to_a_human_in_six(events: list[Event]) -> None:
    dialogue = demo().dialogue(1)
    dialogue.advance(Started())
    last = [dialogue.advance(event)[-1] for event in events]
    assert all(isinstance(move, HandOff) for move in last[5:])


def test_a_dialogue_is_small() -> None:
    """Under 50 KB a call, beyond what all calls share."""
    import tracemalloc

    script = demo()
    script.dialogue(0).advance(Started())
    tracemalloc.start()
    dialogues: list[Dialogue] = []
    for seed in range(100):
        dialogue = script.dialogue(seed)
        dialogue.advance(Started())
        assert isinstance(dialogue.advance(says("check_balance"))[-1], Listen)
        dialogues.append(dialogue)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(dialogues) < 50_000
