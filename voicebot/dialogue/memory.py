"""The slots of one call: their values, where they came from, and whether they are certain."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from voicebot.dialogue.domain import Domain
from voicebot.dialogue.events import LearntSlot, SlotSet, SlotValue
from voicebot.dialogue.masking import mask_value

LARGEST_COUNT: Final = 1e15
"""Below it every whole number has a float of its own."""


class Source(enum.Enum):
    """Who set a slot. Only what the caller said and what actions found is told to a human."""

    CALLER = "caller"
    ACTION = "action"
    FLOW = "flow"
    FACT = "fact"


class Memory:
    """Slot values in the types that the domain gives them."""

    def __init__(self, domain: Domain, sensitive: frozenset[str]) -> None:
        self._domain = domain
        self._sensitive = sensitive
        self._values = {name: slot.initial for name, slot in domain.slots.items() if slot.initial is not None}
        self._learnt: dict[str, bool] = {}

    @property
    def values(self) -> Mapping[str, SlotValue]:
        """All slots that have a value."""
        return self._values

    def get(self, name: str) -> SlotValue:
        """A slot's value, None when it has none."""
        return self._values.get(name)

    def fits(self, name: str, value: SlotValue) -> bool:
        """Whether the slot exists and can hold the value."""
        slot = self._domain.slots.get(name)
        return slot is not None and (value is None or slot.accept(value) is not None)

    def set(self, name: str, value: SlotValue, source: Source, *, confirmed: bool = True) -> SlotSet | None:
        """Set a slot; None when it does not exist, cannot hold the value, or keeps the value it has."""
        slot = self._domain.slots.get(name)
        if slot is None:
            return None
        accepted = slot.accept(value)
        if value is not None and accepted is None:
            return None
        before = (self._values.get(name), self._learnt.get(name))
        self._store(name, accepted, source, confirmed=confirmed)
        if before[0] == accepted and type(before[0]) is type(accepted) and before[1] == self._learnt.get(name):
            return None
        sensitive = name in self._sensitive
        return SlotSet(name, mask_value(accepted) if sensitive else _shown(accepted), confirmed, sensitive)

    def _store(self, name: str, value: SlotValue, source: Source, *, confirmed: bool) -> None:
        self._values.pop(name, None)
        self._learnt.pop(name, None)
        if value is None:
            return
        self._values[name] = value
        if source in (Source.CALLER, Source.ACTION):
            self._learnt[name] = confirmed

    def reset(self, name: str) -> SlotSet | None:
        """Give a slot its initial value again."""
        slot = self._domain.slots.get(name)
        return self.set(name, slot.initial if slot else None, Source.FLOW)

    def learnt(self) -> tuple[LearntSlot, ...]:
        """What the call has found out, oldest first; sensitive values masked."""
        return tuple(
            LearntSlot(name, mask_value(self._values[name]), confirmed, True)
            if name in self._sensitive
            else LearntSlot(name, _shown(self._values[name]), confirmed, False)
            for name, confirmed in self._learnt.items()
        )


def _shown(value: SlotValue) -> SlotValue:
    """A value for people: two cards are 2 cards, not 2.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_COUNT:
        return int(value)
    return value
