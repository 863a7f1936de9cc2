"""The actions that the engine does itself; patterns are made of them.

action_reprompt             ask the open question in other words: utter_ask_x_reprompt, else utter_ask_x
action_rephrase             ask it with its choices and keys: utter_ask_x_choices, else utter_choices_<kind>
action_ask_again            ask it as at first
action_repeat_bot_messages  say again what was said before the caller's last turn, without a greeting or announcement
action_cancel_flow          drop the caller's task
action_accept_answer        take the answer that the caller has just confirmed
action_reject_answer        drop it and ask again, as after any misunderstanding
action_human_handoff        hand off; slots handoff_reason, handoff_queue and handoff_priority say how
action_hangup               end the call
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from voicebot.dialogue.events import End
from voicebot.dialogue.memory import Source
from voicebot.dialogue.repair import hand_off, not_understood, report
from voicebot.dialogue.script import CONTINUE_INTERRUPTED
from voicebot.dialogue.state import Frame, Origin, State


def _reprompt(state: State, frame: Frame) -> None:
    report(state, frame, "reprompt")
    asking, question = state.question()
    state.say(_known(state, f"{question.utter}_reprompt", question.utter), asking)
    asking.asked = True


def _rephrase(state: State, frame: Frame) -> None:
    report(state, frame, "rephrase")
    asking, question = state.question()
    choices = f"{question.utter}_choices"
    if state.speaker.knows(choices):
        state.say(choices, asking)
    else:
        state.say(_known(state, f"{question.utter}_reprompt", question.utter), asking)
        state.say(f"utter_choices_{question.expectation.kind.value}")
    asking.asked = True


def _known(state: State, response: str, otherwise: str) -> str:
    return response if state.speaker.knows(response) else otherwise


def _ask_again(state: State, frame: Frame) -> None:
    report(state, frame, "ask_again")
    state.question()[0].asked = False


def _repeat(state: State, frame: Frame) -> None:
    """What could not be interrupted was a greeting or an announcement: who says "what?" means the question after it."""
    if not state.said_before:
        _ask_again(state, frame)
    for said in [said for said in state.said_before if said.interruptible] or state.said_before:
        state.repeat(said)


def _cancel(state: State, frame: Frame) -> None:
    """The pattern stays on the stack, above the task that the cancelled one had interrupted, if any."""
    task = state.task()
    if task is None:
        return
    start = state.stack.index(task)
    for dropped in reversed(state.stack[start : state.stack.index(frame)]):
        state.drop(dropped, "cancelled")
    if state.task() is not None:
        state.push_pattern(CONTINUE_INTERRUPTED, f"after {task.flow.id}")
        state.stack[-2:] = [state.stack[-1], state.stack[-2]]


def _accept(state: State, _frame: Frame) -> None:
    asking, question = state.question()
    source = Source.FLOW if asking.origin is Origin.PATTERN else Source.CALLER
    if question.slot is not None and asking.pending is not None:
        state.set_slot(question.slot, asking.pending, source)
    asking.pending = None


def _reject(state: State, _frame: Frame) -> None:
    state.question()[0].pending = None
    not_understood(state, "low_confidence")


def _hand_off(state: State, _frame: Frame) -> None:
    hand_off(state)


def _hang_up(state: State, frame: Frame) -> None:
    report(state, frame, "end")
    state.finish(End("goodbye"))


BUILT_INS: Final[Mapping[str, Callable[[State, Frame], None]]] = {
    "action_reprompt": _reprompt,
    "action_rephrase": _rephrase,
    "action_ask_again": _ask_again,
    "action_repeat_bot_messages": _repeat,
    "action_cancel_flow": _cancel,
    "action_accept_answer": _accept,
    "action_reject_answer": _reject,
    "action_human_handoff": _hand_off,
    "action_hangup": _hang_up,
}
