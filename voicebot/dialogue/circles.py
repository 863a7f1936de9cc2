"""Finds, before any call, steps that can never be reached and flows that would run in a circle."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from voicebot.dialogue.built_in import BUILT_INS
from voicebot.dialogue.flows import Call, Collect, Flow, Link, Run, Step
from voicebot.dialogue.loader import FlowError

Flows = Mapping[str, Flow]
N = TypeVar("N", bound=Hashable)


def check_circles(flows: Flows) -> None:
    """Raise FlowError for the first such step."""
    for flow in flows.values():
        _check_reachable(flow)
        _check_calls(flows, flow)
    for flow in flows.values():
        for step in flow.steps.values():
            node = (flow.id, step.id)
            if node in reachable(_silent_after(flows, node), lambda node: _silent_after(flows, node)):
                raise FlowError(
                    step.place,
                    f"flow {flow.id!r}: the step {step.id!r} leads back to itself without asking the caller anything",
                )


def reachable(starts: Iterable[N], after: Callable[[N], Iterable[N]]) -> set[N]:
    """All nodes that can be reached from `starts`, themselves among them."""
    seen: set[N] = set()
    waiting = list(starts)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += after(node)
    return seen


def _check_reachable(flow: Flow) -> None:
    seen = reachable([flow.first], lambda step: _targets(flow.steps[step], flow))
    for step in flow.steps.values():
        if step.id not in seen:
            raise FlowError(step.place, f"flow {flow.id!r}: the step {step.id!r} can never be reached")


def _targets(step: Step, flow: Flow) -> list[str]:
    return [branch.target for branch in step.next if branch.target in flow.steps]


def _check_calls(flows: Flows, flow: Flow) -> None:
    """A flow that comes to call itself would pile up for ever."""

    def leads_to(name: str) -> list[str]:
        return [s.does.flow for s in flows[name].steps.values() if isinstance(s.does, Call | Link)]

    for step in flow.steps.values():
        if isinstance(step.does, Call) and flow.id in reachable([step.does.flow], leads_to):
            raise FlowError(step.place, f"flow {flow.id!r}: the step {step.id!r} comes to call the flow itself")


def _silent_after(flows: Flows, node: tuple[str, str]) -> list[tuple[str, str]]:
    """The steps that may follow at once: not after a question, nor after an action outside."""
    flow = flows[node[0]]
    step = flow.steps[node[1]]
    follow = [(flow.id, target) for target in _targets(step, flow)]
    match step.does:
        case Collect():
            return []
        case Run(name) if not name.startswith("utter_") and name not in BUILT_INS:
            return []
        case Call(called):
            return [*follow, (called, flows[called].first)]
        case Link(linked):
            return [(linked, flows[linked].first)]
        case _:
            return follow
