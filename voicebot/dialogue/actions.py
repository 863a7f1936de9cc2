"""Business actions: what flows run by name, written as plain functions.

    actions = Actions()

    @actions.action("action_check_balance")
    def check_balance(slots: Mapping[str, SlotValue], *, now: datetime) -> Mapping[str, SlotValue]:
        return {"balance": "$12.50"}

An action gets all slots of the call and the time in the call's zone, and returns the slots to set. It may block:
it runs in a worker, never on the ticker, under a deadline that the call keeps.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Protocol

from voicebot.dialogue.events import SlotValue
from voicebot.errors import VoicebotError


class ActionError(VoicebotError):
    """An action is missing or failed; the message names it and holds no personal data."""


class Action(Protocol):
    """A business action. May be called from several threads at once."""

    def __call__(self, slots: Mapping[str, SlotValue], *, now: datetime) -> Mapping[str, SlotValue]:
        """Do it; the slots to set."""
        ...


class Actions:
    """Actions by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Action] = {}

    @property
    def names(self) -> frozenset[str]:
        """The actions there are."""
        return frozenset(self._by_name)

    def action(self, name: str) -> Callable[[Action], Action]:
        """Decorator: register a function under `name`. Raises ActionError when the name is taken."""

        def register(function: Action) -> Action:
            if name in self._by_name:
                raise ActionError(f"the action {name!r} is defined twice")
            self._by_name[name] = function
            return function

        return register

    def run(self, name: str, slots: Mapping[str, SlotValue], *, now: datetime) -> Mapping[str, SlotValue]:
        """Run an action. Raises ActionError whatever goes wrong in it."""
        function = self._by_name.get(name)
        if function is None:
            raise ActionError(f"there is no action {name!r}; known are: {', '.join(sorted(self._by_name)) or 'none'}")
        try:
            return dict(function(slots, now=now))
        except Exception as error:
            raise ActionError(f"the action {name!r} failed with {type(error).__name__}") from error

    def require(self, names: Collection[str]) -> None:
        """Raise ActionError unless all of these are there."""
        missing = sorted(set(names) - self.names)
        if missing:
            raise ActionError(f"the flows run actions that do not exist: {', '.join(missing)}")


def load_actions(module: str) -> Actions:
    """The `actions` of an importable module, e.g. "voicebot.bank.actions". Raises ActionError."""
    try:
        found = getattr(importlib.import_module(module), "actions", None)
    except ImportError as error:
        raise ActionError(f"the module {module!r} with the actions cannot be imported: {error}") from error
    if not isinstance(found, Actions):
        raise ActionError(f"the module {module!r} must hold `actions = Actions()`")
    return found
