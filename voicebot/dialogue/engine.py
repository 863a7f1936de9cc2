"""The flow engine: a pure state machine. Events of the call go in, moves come out; no clock, no I/O, no threads."""

from __future__ import annotations

from collections.abc import Mapping

from voicebot.dialogue.events import (
    ActionFinished,
    Event,
    LearntSlot,
    Move,
    SlotValue,
    Started,
    Trouble,
    UserSilence,
    UserTurn,
)
from voicebot.dialogue.events import HandOffReason as Reason
from voicebot.dialogue.memory import Memory, Source
from voicebot.dialogue.repair import fault, not_understood
from voicebot.dialogue.responses import Speaker
from voicebot.dialogue.script import SESSION_START, Script
from voicebot.dialogue.state import Frame, Origin, State
from voicebot.dialogue.steps import go_on, run
from voicebot.dialogue.turns import take


class Dialogue:
    """The conversation of one call.

    `advance` never raises. Its moves end in exactly one of Listen, Act, HandOff, End, or Wait while an action
    that was asked for earlier is still running; after HandOff or End every event gets the same move again.
    """

    def __init__(self, script: Script, seed: int) -> None:
        root = Frame(script.root, script.root.first, Origin.ROOT, {}, set())
        memory = Memory(script.domain, script.sensitive)
        self._state = State(script, memory, Speaker(script.responses, seed), [root])

    def advance(self, event: Event) -> list[Move]:
        """What to do after `event`."""
        state = self._state
        state.moves = []
        if state.over is not None:
            return [state.over]
        match event:
            case Started(facts):
                self._begin(facts)
            case UserTurn():
                take(state, event)
            case UserSilence():
                self._silence()
            case ActionFinished(name, slots, error):
                self._finished(name, slots, error)
            case Trouble(reason):
                fault(state, reason)
        run(state)
        return state.moves

    def _begin(self, facts: Mapping[str, SlotValue]) -> None:
        state = self._state
        if state.begun:
            return
        state.begun = True
        for name, value in facts.items():
            state.set_slot(name, value, Source.FACT)
        state.push_pattern(SESSION_START, "the call was answered")

    def _silence(self) -> None:
        state = self._state
        if state.awaiting is None:
            state.actions = 0
            state.said_before, state.said = tuple(state.said) or state.said_before, []
            not_understood(state, "no_input")

    def _finished(self, name: str, slots: Mapping[str, SlotValue], error: str | None) -> None:
        state = self._state
        if state.awaiting != name or state.top.at is None:
            return
        if error is not None:
            fault(state, Reason.ERROR)
            return
        state.awaiting = None
        for slot, value in slots.items():
            state.set_slot(slot, value, Source.ACTION)
        go_on(state, state.top, state.top.at)

    def learnt(self) -> tuple[LearntSlot, ...]:
        """What the caller said and what actions found, for a human; sensitive values masked."""
        return self._state.memory.learnt()

    def slot(self, name: str) -> SlotValue:
        """The value of a slot, unmasked; None when it has none."""
        return self._state.memory.get(name)

    @property
    def active_flow(self) -> str | None:
        """The id of the task at hand."""
        task = self._state.task()
        return task.flow.id if task else None
