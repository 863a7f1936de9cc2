"""What happens when things go wrong: nothing heard, not understood, a fault; and the way to a human."""

from __future__ import annotations

from typing import Final, cast

from voicebot.dialogue.events import HandOff, HandOffReason, NotUnderstood, Say
from voicebot.dialogue.memory import Source
from voicebot.dialogue.script import CANNOT_HANDLE, HUMAN_HANDOFF, INTERNAL_ERROR, USER_SILENCE
from voicebot.dialogue.state import Frame, State

DEFAULT_QUEUE: Final = "general"
APOLOGY: Final = "utter_internal_error"
HANDOFF: Final = "utter_human_handoff"


def not_understood(state: State, kind: str) -> None:
    """Count it, and let the policy that the project's patterns describe decide what to say.

    Kinds: no_input, no_match, low_confidence, over_prompt, rejected. A repair that is itself not understood
    goes to a human.
    """
    silent = kind == "no_input"
    pattern = USER_SILENCE if silent else CANNOT_HANDLE
    count = state.missed(kind)
    if state.has_flow(state.script.flows[pattern]):
        give_up(state, HandOffReason.NO_INPUT_LIMIT if silent else HandOffReason.NO_MATCH_LIMIT)
        return
    state.push_pattern(pattern, f"{kind} {count}", kind=kind, count=count, total=state.total)


def report(state: State, frame: Frame, step: str) -> None:
    """Tell the timeline what the policy does about a misunderstanding, once."""
    if "kind" not in frame.context or frame.reported:
        return
    for each in state.stack:
        each.reported = True
    frame.reported = True
    count = int(cast("float", frame.context["count"]))
    state.moves.append(NotUnderstood(str(frame.context["kind"]), count, step))


def fault(state: State, reason: HandOffReason) -> None:
    """An engine or action failed, or the call reached a limit: apologise and hand off."""
    state.awaiting = None
    if state.has_flow(state.script.flows[INTERNAL_ERROR]):
        give_up(state, reason)
        return
    state.set_slot("handoff_reason", reason.value, Source.FLOW)
    state.push_pattern(INTERNAL_ERROR, reason.value)


def to_human(state: State, why: str, intent: str) -> None:
    """The caller asks for a human. One who asks while an action runs or a second time is not asked anything more."""
    insists = state.awaiting is not None or state.has_flow(state.script.flows[HUMAN_HANDOFF])
    state.awaiting = None
    state.set_slot("handoff_reason", HandOffReason.USER_REQUEST.value, Source.FLOW)
    state.push_pattern(HUMAN_HANDOFF, why, intent=intent)
    if insists:
        state.say(HANDOFF)
        hand_off(state)


def hand_off(state: State) -> None:
    """End the conversation with a human; slots say why and where to: handoff_reason, _queue, _priority."""
    reason = state.memory.get("handoff_reason")
    known = [known.value for known in HandOffReason]
    priority = state.memory.get("handoff_priority")
    _finish(
        state,
        HandOff(
            reason=HandOffReason(reason) if reason in known else HandOffReason.POLICY,
            queue=str(state.memory.get("handoff_queue") or _queue(state)),
            priority=int(priority) if isinstance(priority, float) else 0,
        ),
    )


def give_up(state: State, reason: HandOffReason) -> None:
    """Hand off at once with an apology: the last resort, when the patterns themselves do not help."""
    state.awaiting = None
    state.moves[:] = [move for move in state.moves if not isinstance(move, Say)]
    state.say(APOLOGY)
    _finish(state, HandOff(reason, _queue(state)))


def _queue(state: State) -> str:
    """The queue of the innermost flow that names one."""
    return next((f.flow.queue for f in reversed(state.stack) if f.flow.queue), DEFAULT_QUEUE)


def _finish(state: State, move: HandOff) -> None:
    report(state, state.top, "hand_off")
    state.finish(move)
