"""Reads nlu_data/flows/*.yml: Rasa CALM's format, with a few additions for the telephone.

Rasa's keys that are kept but mean nothing here: `description` of a step, `always_include_in_prompt`, `metadata`.
Additions: `menu_key`, `queue` and `phrases` of a flow; `expect`, `length`, `sensitive` and `choices` of a `collect`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from voicebot.dialogue.collecting import COLLECT_KEYS, read_collect
from voicebot.dialogue.condition import parse
from voicebot.dialogue.events import SlotValue
from voicebot.dialogue.expression import Expression, ExpressionError, Literal
from voicebot.dialogue.flows import END, Branch, Call, Deed, Flow, Link, Noop, Run, SetSlots, Step, Trigger
from voicebot.dialogue.yamlfile import Place, ProjectError, Section, read

MENU_KEYS: Final = tuple("123456789")
"""0 always leads to a human."""
MAX_NESTING: Final = 10
"""Steps inside the branches of other steps."""

_FLOW_KEYS: Final = frozenset(
    (
        "name",
        "description",
        "if",
        "nlu_trigger",
        "persisted_slots",
        "run_pattern_completed",
        "always_include_in_prompt",
        "steps",
        "menu_key",
        "queue",
        "phrases",
    )
)
_STEP_KEYS: Final = frozenset(("id", "next", "description", "metadata"))
_KINDS: Final = ("collect", "action", "set_slots", "call", "link", "noop")


class FlowError(ProjectError):
    """A file of flows is wrong."""


def load_flows(directory: Path) -> dict[str, Flow]:
    """All flows of a project by id, files in the order of their names. Raises FlowError."""
    files = sorted(directory.glob("*.yml")) + sorted(directory.glob("*.yaml"))
    if not files:
        raise FlowError(Place(directory, 1, 1), "no *.yml file with flows is here")
    flows: dict[str, Flow] = {}
    for path in files:
        for flow in read_flows(read(path, FlowError)):
            if flow.id in flows:
                raise FlowError(flow.place, f"flow {flow.id!r} is already defined at {flows[flow.id].place}")
            flows[flow.id] = flow
    return flows


def read_flows(file: Section) -> Iterable[Flow]:
    """The flows of one file."""
    file.only(("version", "flows"))
    return [_flow(key, section) for key, section in file.section("flows", "flows").items()]


def _flow(key: str, found: Section) -> Flow:
    section = Section(found.path, found.data, f"flow {key!r}", FlowError)
    section.only(_FLOW_KEYS)
    if not section.sections("steps"):
        section.fail("'steps' is missing; expected a list of steps")
    steps = _Steps(section)
    first = steps.add(section.sections("steps"), END, 0)
    steps.check_targets()
    menu_key = section.get("menu_key", str, "") or None
    if menu_key is not None and menu_key not in MENU_KEYS:
        section.fail('\'menu_key\' must be a text from "1" to "9" (0 always leads to a human)', "menu_key")
    return Flow(
        id=key,
        name=section.get("name", str, key.replace("_", " ")),
        description=section.get("description", str, ""),
        steps=steps.by_id,
        first=first,
        place=section.place(),
        guard=condition(section, "if") if "if" in section else None,
        triggers=tuple(map(_trigger, _trigger_sections(section))),
        persisted_slots=frozenset(section.texts("persisted_slots")),
        run_pattern_completed=section.get("run_pattern_completed", bool, True),
        menu_key=menu_key,
        queue=section.get("queue", str, "") or None,
        phrases=tuple(phrase.lower() for phrase in section.texts("phrases")),
    )


def _trigger_sections(section: Section) -> list[Section]:
    return section.sections("nlu_trigger", f"{section.what}, nlu_trigger")


def _trigger(section: Section) -> Trigger:
    """`intent: name`, or `intent: {name, confidence_threshold}`."""
    section.only(("intent",))
    if isinstance(section.data.get("intent"), str):
        return Trigger(section.need("intent", str), 0.0)
    intent = section.section("intent")
    intent.only(("name", "confidence_threshold"))
    threshold = intent.get("confidence_threshold", float, 0.0)
    if not 0 <= threshold <= 1:
        intent.fail("'confidence_threshold' must lie between 0 and 1", "confidence_threshold")
    return Trigger(intent.need("name", str), threshold)


def condition(section: Section, key: str) -> Expression:
    """The condition at `key`; YAML's own true and false are conditions too."""
    value = section.data[key]
    if isinstance(value, bool):
        return Literal(value)
    try:
        return parse(section.need(key, str))
    except ExpressionError as error:
        section.fail(f"the condition {value!r} is wrong: {error}", key)


class _Steps:
    """The steps of one flow, nested ones among them, by id."""

    def __init__(self, flow: Section) -> None:
        self._flow = flow
        self.by_id: dict[str, Step] = {}
        self._count = 0
        self._targets: list[tuple[Section, str, str]] = []

    def add(self, sections: list[Section], after: str | None, depth: int) -> str:
        """Add a list of steps and return the id of the first; `after` follows the last, if it may end at all."""
        if depth > MAX_NESTING:
            self._flow.fail(f"steps are nested more than {MAX_NESTING} deep")
        ids = [self._id(section) for section in sections]
        for section, own, follow in zip(sections, ids, [*ids[1:], after], strict=True):
            step = Section(section.path, section.data, f"{self._flow.what}, step {own!r}", FlowError)
            self.by_id[own] = self._step(step, own, follow, depth)
        return ids[0]

    def _id(self, section: Section) -> str:
        kinds = [kind for kind in _KINDS if kind in section]
        if len(kinds) != 1:
            section.fail(f"a step must have exactly one of: {', '.join(_KINDS)}")
        value = section.data[kinds[0]]
        self._count += 1
        name = f"{kinds[0]}_{value}" if isinstance(value, str) else kinds[0]
        own = section.get("id", str, f"{self._count}_{name}")
        if own in self.by_id or own == END:
            section.fail(f"the step id {own!r} is taken", "id")
        self.by_id[own] = Step(own, Noop(), (), section.place())
        return own

    def _step(self, section: Section, own: str, follow: str | None, depth: int) -> Step:
        does = self._deed(section)
        if isinstance(does, Link):
            if "next" in section:
                section.fail("a link ends the flow, so it has no 'next'", "next")
            return Step(own, does, (Branch(None, END),), section.place())
        return Step(own, does, self._next(section, follow, depth), section.place())

    def _deed(self, section: Section) -> Deed:
        if "collect" in section:
            section.only(_STEP_KEYS | COLLECT_KEYS)
            return read_collect(section, condition)
        kind = next(kind for kind in _KINDS if kind in section)
        section.only(_STEP_KEYS | {kind})
        match kind:
            case "action":
                return Run(section.need("action", str))
            case "set_slots":
                return SetSlots(_slot_values(section))
            case "call":
                return Call(section.need("call", str))
            case "link":
                return Link(section.need("link", str))
            case _:
                return Noop()

    def _next(self, section: Section, follow: str | None, depth: int) -> tuple[Branch, ...]:
        if "next" not in section:
            if follow is None:
                section.fail("the last step of a branch needs 'next': the id of a step, or END")
            return (Branch(None, follow),)
        if not section.is_list("next"):
            return (Branch(None, self._target(section, "next", depth)),)
        branches = [self._branch(part, depth) for part in section.sections("next")]
        if not branches or branches[-1].condition is not None:
            section.fail("the list under 'next' must end with 'else'", "next")
        if any(branch.condition is None for branch in branches[:-1]):
            section.fail("only the last item under 'next' may be 'else'", "next")
        return tuple(branches)

    def _branch(self, section: Section, depth: int) -> Branch:
        if "else" in section:
            section.only(("else",))
            return Branch(None, self._target(section, "else", depth))
        section.only(("if", "then"))
        if "if" not in section:
            section.fail("expected 'if' and 'then', or 'else'")
        return Branch(condition(section, "if"), self._target(section, "then", depth))

    def _target(self, section: Section, key: str, depth: int) -> str:
        """An id, END, or a nested list of steps."""
        if section.is_list(key):
            nested = section.sections(key, self._flow.what)
            if not nested:
                section.fail(f"{key!r} must name a step or hold a list of steps", key)
            return self.add(nested, None, depth + 1)
        target = section.need(key, str)
        self._targets.append((section, key, target))
        return target

    def check_targets(self) -> None:
        """Every id named by a `next` must exist."""
        for section, key, target in self._targets:
            if target != END and target not in self.by_id:
                section.fail(f"there is no step {target!r} in {self._flow.what}; expected a step id or END", key)


def _slot_values(section: Section) -> tuple[tuple[str, SlotValue], ...]:
    """A list of `slot: value`."""
    values = [(name, item.scalar(name)) for item in section.sections("set_slots") for name in item.keys()]  # noqa: SIM118
    if not values:
        section.fail("'set_slots' must be a list of `slot: value`", "set_slots")
    return tuple(values)
