"""What a caller's turn leads to: an answer, another task, a human, or a misunderstanding."""

from __future__ import annotations

import re
from typing import Final

from voicebot.dialogue.answers import answer, is_lone_yes, is_yes_or_no
from voicebot.dialogue.events import AnswerKind, SlotValue, UserTurn
from voicebot.dialogue.flows import Collect, Flow
from voicebot.dialogue.memory import Source
from voicebot.dialogue.repair import not_understood, to_human
from voicebot.dialogue.script import CONFIRM_ANSWER, HUMAN_HANDOFF, HUMAN_KEY
from voicebot.dialogue.state import Frame, Origin, State

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def take(state: State, turn: UserTurn) -> None:
    """React to a turn; afterwards the steps are run."""
    frame, question = state.question()
    value = _answer(state, question, turn)
    if _wants_human(state, question, turn, value):
        to_human(state, "key 0" if turn.keyed else turn.intent, turn.intent)
        return
    if state.awaiting is not None:
        return
    state.actions = 0
    state.said_before, state.said = tuple(state.said) or state.said_before, []
    if value is not None:
        _answered(state, frame, question, turn, value)
        return
    flow = _wish(state, frame, question, turn)
    if flow is not None:
        start(state, flow, turn)
    elif not _take_text(state, frame, question, turn):
        not_understood(state, _kind_of_miss(state, question, turn))


def _answer(state: State, question: Collect, turn: UserTurn) -> SlotValue:
    slot = state.script.domain.slots.get(question.slot or "")
    return None if slot is None else answer(question, slot, turn, state.script.policy.answer_from)


def _wants_human(state: State, question: Collect, turn: UserTurn, value: SlotValue) -> bool:
    """The key 0 where it is no answer; the words for it; the intent, unless the turn is a number that was asked for."""
    if turn.keyed:
        return value is None and (turn.value or turn.text) == HUMAN_KEY
    human = state.script.flows[HUMAN_HANDOFF]
    if state.script.phrases.get(_plain(turn.text)) is human:
        return True
    if value is not None and question.expectation.kind is AnswerKind.DIGITS:
        return False
    triggers = state.script.triggers.get(turn.intent, ())
    return any(flow is human and turn.confidence >= threshold for flow, threshold in triggers)


def _plain(text: str) -> str:
    return " ".join(word for word in _WORD.findall(text.lower()) if word != "unk")


# --- answers ---------------------------------------------------------------------------------------------------


def _answered(state: State, frame: Frame, question: Collect, turn: UserTurn, value: SlotValue) -> None:
    heard = 1.0 if turn.keyed else turn.heard
    if is_lone_yes(question, turn, value):
        not_understood(state, "over_prompt")
    elif value is True and _is_faint(state, question, turn):
        not_understood(state, "low_confidence")
    elif _is_delicate(question) and heard < state.script.policy.confirm_below:
        frame.pending = value
        state.push_pattern(CONFIRM_ANSWER, f"heard with {heard:.2f}", answer=value)
    else:
        _fill(state, frame, question, turn, value)


def _is_delicate(question: Collect) -> bool:
    """Whether an answer that was barely heard must be read back."""
    return question.expectation.kind is AnswerKind.DIGITS or question.expectation.sensitive


def _fill(state: State, frame: Frame, question: Collect, turn: UserTurn, value: SlotValue) -> None:
    source = Source.FLOW if frame.origin is Origin.PATTERN else Source.CALLER
    state.set_slot(str(question.slot), value, source, confirmed=turn.keyed or value in (True, False))
    _fill_mentioned(state, turn, overwrite=False)


def _fill_mentioned(state: State, turn: UserTurn, *, overwrite: bool) -> None:
    """Keep what else the caller mentioned; slots that have a value keep it unless a task is just being started."""
    for mention in turn.mentions:
        for name in state.script.domain.by_entity.get(mention.name, ()):
            if overwrite or state.memory.get(name) is None:
                state.set_slot(name, mention.value, Source.CALLER, confirmed=False)


def _take_text(state: State, frame: Frame, question: Collect, turn: UserTurn) -> bool:
    """An open question about a `from_text` slot takes any words that start nothing else."""
    slot = state.script.domain.slots.get(question.slot or "")
    open_text = slot is not None and slot.from_text and question.expectation.kind is AnswerKind.OPEN
    if not open_text or turn.keyed or not turn.text.strip():
        return False
    _answered(state, frame, question, turn, turn.text.strip())
    return True


# --- wishes ----------------------------------------------------------------------------------------------------


def _wish(state: State, frame: Frame, question: Collect, turn: UserTurn) -> Flow | None:
    """The flow that the turn asks for and that may start now."""
    if _is_faint(state, question, turn):
        return None
    if turn.keyed:
        at_menu = question.expectation.kind is AnswerKind.OPEN and frame.origin in (Origin.ROOT, Origin.PATTERN)
        wished = [state.script.menu[turn.text]] if at_menu and turn.text in state.script.menu else []
    elif (flow := state.script.phrases.get(_plain(turn.text))) is not None:
        wished = [flow]
    else:
        triggers = state.script.triggers.get(turn.intent, ())
        wished = [flow for flow, threshold in triggers if turn.confidence >= threshold]
    return next((flow for flow in wished if _may_start(state, question, flow)), None)


def _is_faint(state: State, question: Collect, turn: UserTurn) -> bool:
    """Whether these words may be mere noise, or, at an open question, words of something else altogether."""
    policy, is_open = state.script.policy, question.expectation.kind is AnswerKind.OPEN
    return not turn.keyed and turn.heard < (policy.wish_below if is_open else policy.trust_below)


def _may_start(state: State, question: Collect, flow: Flow) -> bool:
    task = state.task()
    if flow.is_pattern:
        return not state.has_flow(flow)
    return not question.force_slot_filling and (task is None or task.flow is not flow) and state.holds(flow.guard)


def _kind_of_miss(state: State, question: Collect, turn: UserTurn) -> str:
    if is_yes_or_no(question, state.script.domain.slots.get(question.slot or ""), turn):
        return "low_confidence"
    triggers = state.script.triggers.get(turn.intent, ())
    unsure = all(turn.confidence < threshold for _, threshold in triggers) or _is_faint(state, question, turn)
    return "low_confidence" if triggers and unsure else "no_match"


def start(state: State, flow: Flow, turn: UserTurn) -> None:
    """Put a flow that the caller asked for on the stack, above the task that it interrupts."""
    reason = f"key {turn.text}" if turn.keyed else turn.intent
    if flow.is_pattern:
        state.push_pattern(flow.id, reason, intent=turn.intent)
        return
    state.understood()
    state.drop_above(_depth_for(state, flow), "interrupted")
    for frame in state.stack:
        frame.asked, frame.pending = False, None
    _fill_mentioned(state, turn, overwrite=True)
    if not state.has_flow(flow):
        state.push(flow, Origin.TASK, reason, {"intent": turn.intent})


def _depth_for(state: State, flow: Flow) -> int:
    """How much of the stack stays: a flow that was interrupted goes on, without those that interrupted it."""
    own = next((i for i, frame in enumerate(state.stack) if frame.flow is flow and frame.origin is Origin.TASK), None)
    last = max((i for i, frame in enumerate(state.stack) if frame.origin is Origin.TASK), default=0)
    start_at, stops = (last, (Origin.PATTERN,)) if own is None else (own, (Origin.TASK, Origin.PATTERN))
    above = range(start_at + 1, len(state.stack))
    return next((i for i in above if state.stack[i].origin in stops), len(state.stack))
