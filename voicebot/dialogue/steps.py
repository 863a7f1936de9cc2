"""Runs the steps of flows until the caller, an action or a human is next."""

from __future__ import annotations

import dataclasses
from typing import Final

from voicebot.dialogue.built_in import BUILT_INS
from voicebot.dialogue.events import Act, AnswerKind, Expectation, HandOffReason, Listen, Wait
from voicebot.dialogue.flows import END, Call, Collect, Link, Noop, Run, SetSlots, Step
from voicebot.dialogue.memory import Source
from voicebot.dialogue.repair import give_up, not_understood, report
from voicebot.dialogue.script import COMPLETED, CONFIRM_ANSWER, CONTINUE_INTERRUPTED, INTERNAL_ERROR
from voicebot.dialogue.state import Frame, Origin, State

BUDGET: Final = 300
"""Steps in one turn; a conversation that needs more runs in a circle."""
MAX_ACTIONS: Final = 30
"""Actions without a word of the caller between them; more run in a circle."""


def run(state: State) -> None:
    """Do what comes next; the last move is then the one that waits for the world."""
    for _ in range(BUDGET):
        if state.over is not None:
            return
        if state.awaiting is not None:
            state.moves.append(Wait())
            return
        if _step(state, state.top):
            return
    give_up(state, HandOffReason.ERROR)


def _step(state: State, frame: Frame) -> bool:
    """Run the next step; True when the caller or an action is next."""
    step = frame.at
    if step is None:
        _leave(state, frame)
        return False
    match step.does:
        case Collect() as question:
            return _collect(state, frame, step, question)
        case Run(name):
            return _run(state, frame, step, name)
        case SetSlots(values):
            for name, value in values:
                state.set_slot(name, value, Source.FLOW)
            go_on(state, frame, step)
        case Call(flow):
            state.push(state.script.flows[flow], Origin.CALLED, f"call from {frame.flow.id}", frame.context)
        case Link(flow):
            _link(state, frame, flow)
        case Noop():
            go_on(state, frame, step)
    return False


def go_on(state: State, frame: Frame, step: Step) -> None:
    """Take the first branch that holds."""
    branch = next(branch for branch in step.next if state.holds(branch.condition))
    frame.step, frame.asked = branch.target, False


def _leave(state: State, frame: Frame) -> None:
    """A flow is at its end: back to whatever called it or was interrupted by it."""
    state.drop(frame, "completed")
    report(state, frame, "other")
    if frame.flow.id == INTERNAL_ERROR:
        give_up(state, HandOffReason.ERROR)
    elif frame.origin is Origin.CALLED and state.top.at is not None:
        go_on(state, state.top, state.top.at)
    elif frame.origin is Origin.TASK and state.task() is not None:
        state.push_pattern(CONTINUE_INTERRUPTED, f"after {frame.flow.id}")
    elif frame.origin is Origin.TASK and frame.flow.run_pattern_completed:
        state.push_pattern(COMPLETED, f"after {frame.flow.id}")


def _link(state: State, frame: Frame, flow: str) -> None:
    """A pattern runs on top of what links to it, and so knows it; any other flow takes its place."""
    target, why = state.script.flows[flow], f"link from {frame.flow.id}"
    frame.step = END
    if target.is_pattern:
        state.push_pattern(flow, why, **frame.context)
    elif not state.has_flow(target):
        state.drop(frame, "completed")
        state.push(target, frame.origin, why, frame.context)


def _run(state: State, frame: Frame, step: Step, name: str) -> bool:
    if name in BUILT_INS:
        go_on(state, frame, step)
        BUILT_INS[name](state, frame)
        return False
    if name.startswith("utter_"):
        state.say(name)
        go_on(state, frame, step)
        return False
    state.actions += 1
    if state.actions > MAX_ACTIONS:
        give_up(state, HandOffReason.ERROR)
        return False
    state.awaiting = name
    state.moves.append(Act(name, dict(state.memory.values)))
    return True


def _collect(state: State, frame: Frame, step: Step, question: Collect) -> bool:
    """Ask, unless the slot is filled; then check it and go on."""
    slot = question.slot
    if slot is not None and state.memory.get(slot) is not None:
        if frame.asked or not question.ask_before_filling:
            _filled(state, frame, step, question)
            return False
        state.note(state.memory.reset(slot))
    if not frame.asked:
        state.say(question.utter)
        frame.asked = True
    state.moves.append(Listen(_expectation(state, frame, question)))
    return True


def _filled(state: State, frame: Frame, step: Step, question: Collect) -> None:
    """Go on with a value, or reject it: it may come from any turn, an action or another flow."""
    rejection = next((r for r in question.rejections if state.holds(r.condition)), None)
    if rejection is None:
        if frame.asked and frame.flow.id != CONFIRM_ANSWER:  # that one asks whether there is an answer at all
            state.understood()
        go_on(state, frame, step)
        return
    state.say(rejection.utter)
    state.set_slot(str(question.slot), None, Source.FLOW)
    not_understood(state, "rejected")


def _expectation(state: State, frame: Frame, question: Collect) -> Expectation:
    """What is awaited; the keys of the menu answer open questions between tasks too."""
    expectation, root = question.expectation, state.stack[0].collects
    if frame.origin is Origin.PATTERN and expectation.kind is AnswerKind.OPEN and root is not None:
        return dataclasses.replace(expectation, choices=root.expectation.choices, keypad=root.expectation.keypad)
    return expectation
