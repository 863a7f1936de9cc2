from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest

from tests.dialogue.conversing import WEDNESDAY
from voicebot.dialogue.actions import ActionError, Actions, load_actions
from voicebot.dialogue.events import SlotValue


def some() -> Actions:
    actions = Actions()

    @actions.action("action_hour")
    def hour(slots: Mapping[str, SlotValue], *, now: datetime) -> Mapping[str, SlotValue]:
        return {"hour": float(now.hour), "seen": slots.get("x")}

    @actions.action("action_bad")
    def bad(slots: Mapping[str, SlotValue], *, now: datetime) -> Mapping[str, SlotValue]:
        raise ValueError("account 48213907")

    return actions


def test_an_action_gets_slots_and_time() -> None:
    assert some().run("action_hour", {"x": "y"}, now=WEDNESDAY) == {"hour": 10.0, "seen": "y"}


def test_failures_name_the_action_and_no_personal_data() -> None:
    with pytest.raises(ActionError, match="action_bad") as caught:
        some().run("action_bad", {}, now=WEDNESDAY)
    assert "4821" not in str(caught.value)
    with pytest.raises(ActionError, match="there is no action 'action_none'; known are: action_bad, action_hour"):
        some().run("action_none", {}, now=WEDNESDAY)


def test_names_are_unique_and_can_be_required() -> None:
    actions = some()
    actions.require(["action_hour"])
    with pytest.raises(ActionError, match="do not exist: action_none"):
        actions.require(["action_hour", "action_none"])
    with pytest.raises(ActionError, match="defined twice"):
        actions.action("action_bad")(lambda slots, *, now: {})


def test_actions_of_a_module() -> None:
    assert "action_identify" in load_actions("voicebot.bank.actions").names
    with pytest.raises(ActionError, match="cannot be imported"):
        load_actions("voicebot.no_such_module")
    with pytest.raises(ActionError, match="must hold"):
        load_actions("voicebot.bank.records")
