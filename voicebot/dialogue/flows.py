"""Flows as data: what a conversation does, step by step. The format is Rasa CALM's; `loader` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from voicebot.dialogue.events import Expectation, SlotValue
from voicebot.dialogue.expression import Expression
from voicebot.dialogue.yamlfile import Place

END: Final = "END"
"""The `next` that ends a flow."""
PATTERN: Final = "pattern_"
"""Flows whose id begins so repair a conversation; they interrupt others without being a task of their own."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a step leads when `condition` holds; None always holds. `target` is a step id of the flow, or END."""

    condition: Expression | None
    target: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A collected value that `condition` finds wrong is dropped; `utter` says why."""

    condition: Expression
    utter: str


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask for a slot, unless it is filled. `slot` is None only for the open question at the root."""

    slot: str | None
    utter: str
    expectation: Expectation
    ask_before_filling: bool = False
    force_slot_filling: bool = False
    reset_after_flow_ends: bool = True
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Say a response (utter_...), do something built in, or run a business action."""

    name: str


@dataclass(frozen=True, slots=True)
class SetSlots:
    """Set slots to constants."""

    values: tuple[tuple[str, SlotValue], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """Run another flow, then go on."""

    flow: str


@dataclass(frozen=True, slots=True)
class Link:
    """End this flow and start another."""

    flow: str


@dataclass(frozen=True, slots=True)
class Noop:
    """Do nothing; only `next` matters."""


Deed = Collect | Run | SetSlots | Call | Link | Noop


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a flow; after it the first branch that holds is taken, the last has no condition."""

    id: str
    does: Deed
    next: tuple[Branch, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Trigger:
    """An intent that starts a flow when the model is at least this sure of it (0..1)."""

    intent: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow. `name` is what the bot calls it in speech.

    `menu_key`: the key that starts it at the open question. `queue`: the humans who take over from it.
    `phrases`: words which, alone, always start it, and which are listened for at closed questions too.
    """

    id: str
    name: str
    description: str
    steps: Mapping[str, Step]
    first: str
    place: Place
    guard: Expression | None = None
    triggers: tuple[Trigger, ...] = ()
    persisted_slots: frozenset[str] = frozenset()
    run_pattern_completed: bool = True
    menu_key: str | None = None
    queue: str | None = None
    phrases: tuple[str, ...] = ()

    @property
    def is_pattern(self) -> bool:
        """Whether this flow repairs a conversation instead of being a task."""
        return self.id.startswith(PATTERN)

    def own_slots(self) -> frozenset[str]:
        """The slots that are reset when the flow ends: what it collects or sets and does not persist."""
        own: set[str] = set()
        for step in self.steps.values():
            if isinstance(step.does, Collect) and step.does.slot and step.does.reset_after_flow_ends:
                own.add(step.does.slot)
            elif isinstance(step.does, SetSlots):
                own.update(name for name, _ in step.does.values)
        return frozenset(own - self.persisted_slots)
