"""What can only be checked with flows, responses and domain side by side. Every error names file and line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from voicebot.dialogue.built_in import BUILT_INS
from voicebot.dialogue.circles import check_circles
from voicebot.dialogue.domain import Domain, Slot
from voicebot.dialogue.events import AnswerKind, HandOffReason, SlotValue
from voicebot.dialogue.expression import Expression, names
from voicebot.dialogue.flows import Call, Collect, Flow, Link, Run, SetSlots, Step
from voicebot.dialogue.loader import FlowError
from voicebot.dialogue.repair import APOLOGY, HANDOFF
from voicebot.dialogue.responses import ResponseError, Variation
from voicebot.dialogue.script import CONTEXT, PATTERNS, REQUEST, Script
from voicebot.dialogue.yamlfile import Place

CALL_ACTIONS: Final = ("call_start_recording", "call_stop_recording")
"""Actions that the call does itself."""
ENGINE_RESPONSES: Final = (REQUEST, APOLOGY, HANDOFF)
"""Responses that the engine says whatever the flows do."""
ENGINE_SLOTS: Final = ("handoff_reason", "handoff_queue", "handoff_priority")


def check(script: Script) -> None:
    """Raise FlowError or ResponseError for the first thing that does not fit together."""
    _check_engine_needs(script)
    for flow in script.flows.values():
        _check_flow(script, flow)
    for name, _, variation in script.responses.variations():
        _check_variation(script.domain, name, variation)
    check_circles(script.flows)


def _check_engine_needs(script: Script) -> None:
    anywhere = next(iter(script.flows.values())).place
    where = Place(anywhere.path.parent, 1, 1)
    for name in PATTERNS:
        if name not in script.flows:
            raise FlowError(where, f"the flow {name!r} is missing; the demo's patterns.yml has one to copy")
    for name in ENGINE_RESPONSES:
        _need_response(script, name, where, "the engine")
    _need_choices(script, REQUEST, AnswerKind.OPEN, where, "the engine")
    for name in ENGINE_SLOTS:
        _need_slot(script.domain, name, where, "the engine")
    _check_unique(script.flows.values())


def _check_unique(flows: Iterable[Flow]) -> None:
    """A key or phrase must start one flow only."""
    taken: dict[str, str] = {}
    for flow in flows:
        keys = [f"the menu key {flow.menu_key!r}"] if flow.menu_key else []
        for what in [*keys, *(f"the phrase {phrase!r}" for phrase in flow.phrases)]:
            if taken.setdefault(what, flow.id) != flow.id:
                raise FlowError(flow.place, f"{what} of flow {flow.id!r} already starts {taken[what]!r}")


def _check_flow(script: Script, flow: Flow) -> None:
    what = f"flow {flow.id!r}"
    for trigger in flow.triggers:
        if trigger.intent not in script.domain.intents:
            raise FlowError(flow.place, f"{what}: the intent {trigger.intent!r} is not in the domain")
    for name in sorted(flow.persisted_slots):
        _need_slot(script.domain, name, flow.place, f"{what}, persisted_slots")
    _check_condition(script, flow.guard, flow.place, f"{what}, if")
    for step in flow.steps.values():
        _check_step(script, step, f"{what}, step {step.id!r}")


def _check_step(script: Script, step: Step, what: str) -> None:
    for branch in step.next:
        _check_condition(script, branch.condition, step.place, f"{what}, next")
    match step.does:
        case Collect():
            _check_collect(script, step.does, step.place, what)
        case Run(name):
            _check_action(script, name, step.place, what)
        case SetSlots(values):
            for name, value in values:
                _check_value(script, name, value, step.place, what)
        case Call(name) | Link(name) if name not in script.flows:
            raise FlowError(step.place, f"{what}: there is no flow {name!r}")
        case Call(name) if script.flows[name].is_pattern:
            raise FlowError(step.place, f"{what}: a pattern can be linked to, not called")
        case _:
            pass


def _check_collect(script: Script, collect: Collect, place: Place, what: str) -> None:
    slot = _need_slot(script.domain, str(collect.slot), place, what)
    _need_response(script, collect.utter, place, what)
    kind = collect.expectation.kind
    _need_choices(script, collect.utter, kind, place, what)
    if kind is AnswerKind.YES_NO and slot.type != "bool":
        raise FlowError(place, f"{what}: a yes/no question needs a slot of type bool, and {slot.name!r} is {slot.type}")
    if kind is AnswerKind.OPEN and not _takes_words(slot):
        raise FlowError(
            place,
            f"{what}: nothing that a caller says fills the slot {slot.name!r}: add `expect: digits` or `choices` here, "
            "or in domain.yml give it a mapping `from_entity` or `from_text` (or `type: bool`, for a yes or no)",
        )
    for choice in collect.expectation.choices:
        if slot.accept(choice.value) is None:
            raise FlowError(place, f"{what}: the slot {slot.name!r} cannot be {choice.value!r}")
    for rejection in collect.rejections:
        _need_response(script, rejection.utter, place, what)
        _check_condition(script, rejection.condition, place, f"{what}, rejections")


def _takes_words(slot: Slot) -> bool:
    """Whether an open question about the slot can be answered; a bool takes a yes or no."""
    return bool(slot.entities) or slot.from_text or slot.type == "bool"


def _check_action(script: Script, name: str, place: Place, what: str) -> None:
    if name.startswith("utter_"):
        _need_response(script, name, place, what)
    elif name.startswith("call_"):
        if name not in CALL_ACTIONS:
            expected = ", ".join(CALL_ACTIONS)
            raise FlowError(place, f"{what}: the call has no action {name!r}; expected one of: {expected}")
    elif name not in BUILT_INS and name not in script.domain.actions:
        raise FlowError(place, f"{what}: the action {name!r} is neither built in nor in the domain's 'actions'")


def _check_value(script: Script, name: str, value: SlotValue, place: Place, what: str) -> None:
    slot = _need_slot(script.domain, name, place, what)
    if value is not None and slot.accept(value) is None:
        raise FlowError(place, f"{what}: the slot {name!r} cannot be {value!r}")
    reasons = [reason.value for reason in HandOffReason]
    if name == "handoff_reason" and value is not None and value not in reasons:
        raise FlowError(place, f"{what}: {value!r} is no reason; expected one of: {', '.join(reasons)}")


def _check_condition(script: Script, condition: Expression | None, place: Place, what: str) -> None:
    for name in sorted(names(condition), key=str) if condition is not None else ():
        if name.space == "slots":
            _need_slot(script.domain, name.name, place, what)
        elif name.name not in CONTEXT:
            raise FlowError(place, f"{what}: there is no context.{name.name}; expected one of: {', '.join(CONTEXT)}")


def _need_response(script: Script, name: str, place: Place, what: str) -> None:
    if name not in script.responses.by_name:
        raise FlowError(place, f"{what}: the response {name!r} is not in {script.responses.directory}")


def _need_choices(script: Script, question: str, kind: AnswerKind, place: Place, what: str) -> None:
    """What a rephrased question says: its own response, or the one of all questions of its kind."""
    if f"{question}_choices" not in script.responses.by_name:
        _need_response(script, f"utter_choices_{kind.value}", place, what)


def _need_slot(domain: Domain, name: str, place: Place, what: str) -> Slot:
    if name not in domain.slots:
        raise FlowError(place, f"{what}: the slot {name!r} is not in the domain")
    return domain.slots[name]


def _check_variation(domain: Domain, response: str, variation: Variation) -> None:
    for name in (*variation.slots, *(name for name, _ in variation.conditions)):
        if name not in domain.slots and name not in CONTEXT:
            raise ResponseError(variation.place, f"response {response!r}: {name!r} is no slot of the domain")
