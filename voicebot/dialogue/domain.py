"""The slots, intents and actions that a project declares in Rasa's domain.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.dialogue.events import SlotValue
from voicebot.dialogue.spoken import written
from voicebot.dialogue.yamlfile import ProjectError, Section, read

SLOT_TYPES: Final = ("text", "bool", "float", "categorical", "any")


class DomainError(ProjectError):
    """domain.yml is wrong."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot: `type` is one of SLOT_TYPES, `values` those of a categorical one, `entities` what fills it.

    `from_text`: an open question about it takes the caller's words as they are.
    """

    name: str
    type: str
    initial: SlotValue = None
    values: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    from_text: bool = False

    def accept(self, value: SlotValue) -> SlotValue:
        """The value in the slot's type, or None when it is none of this slot's values; as a text 3.0 is "3"."""
        if value is None or self.type == "any":
            return value
        if self.type == "bool":
            return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
        if self.type == "float":
            return _number(value)
        if self.type == "categorical":
            said = str(value) if isinstance(value, bool) else written(value)
            return next((known for known in self.values if known.lower() == said.lower()), None)
        return None if isinstance(value, bool) else written(value)


def _number(value: SlotValue) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


@dataclass(frozen=True, slots=True)
class Domain:
    """What a project's flows may name."""

    slots: Mapping[str, Slot]
    intents: frozenset[str]
    actions: frozenset[str]
    by_entity: Mapping[str, tuple[str, ...]]
    """The slots that a mentioned entity fills."""


def load_domain(path: Path) -> Domain:
    """Read domain.yml; keys that only Rasa uses are left to it. Raises DomainError."""
    file = read(path, DomainError)
    slots = {}
    if "slots" in file:
        slots = {name: _slot(name, section) for name, section in file.section("slots", "slots").items()}
    by_entity: dict[str, tuple[str, ...]] = {}
    for slot in slots.values():
        for entity in slot.entities:
            by_entity[entity] = (*by_entity.get(entity, ()), slot.name)
    return Domain(slots, frozenset(_names(file, "intents")), frozenset(_names(file, "actions")), by_entity)


def _names(file: Section, key: str) -> list[str]:
    """A list of names; Rasa also allows `name: {options}` as an item."""
    names: list[str] = []
    for item in file.data.get(key) or []:
        if isinstance(item, str):
            names.append(item)
        elif isinstance(item, dict) and len(item) == 1:
            names.append(str(next(iter(item))))
        else:
            file.fail(f"an item of {key!r} must be a name, not {item!r}", key)
    return names


def _slot(name: str, section: Section) -> Slot:
    kind = section.need("type", str)
    if kind not in SLOT_TYPES:
        section.fail(f"type {kind!r} is unknown; expected one of: {', '.join(SLOT_TYPES)}", "type")
    values = section.texts("values")
    if kind == "categorical" and not values:
        section.fail("a categorical slot needs 'values', a list of texts")
    mappings = section.sections("mappings")
    entities = tuple(m.need("entity", str) for m in mappings if m.get("type", str, "") == "from_entity")
    from_text = any(m.get("type", str, "") == "from_text" for m in mappings)
    slot = Slot(name, kind, None, values, entities, from_text)
    if "initial_value" not in section:
        return slot
    given = section.scalar("initial_value")
    initial = slot.accept(given)
    if given is not None and initial is None:
        section.fail(f"the initial value {given!r} is none of this slot's", "initial_value")
    return Slot(name, kind, initial, values, entities, from_text)
