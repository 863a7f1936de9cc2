from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.conversing import demo
from voicebot.dialogue.domain import Domain, DomainError, Slot, load_domain
from voicebot.dialogue.events import SlotValue


def domain(path: Path, text: str) -> Domain:
    (path / "domain.yml").write_text(text)
    return load_domain(path / "domain.yml")


def test_slots_intents_and_actions(tmp_path: Path) -> None:
    found = domain(
        tmp_path,
        """
        version: "3.1"
        intents: [a, {b: {use_entities: []}}]
        entities: [city]
        actions: [action_x]
        session_config: {session_expiration_time: 60}
        slots:
          home: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: city}]}
          away: {type: text, mappings: [{type: from_entity, entity: city}, {type: from_text}]}
          size: {type: categorical, values: [S, M], initial_value: m, mappings: [{type: custom}]}
        """,
    )
    assert found.intents == {"a", "b"}
    assert found.actions == {"action_x"}
    assert found.by_entity == {"city": ("home", "away")}
    assert found.slots["away"].from_text
    assert found.slots["size"].initial == "M"


@pytest.mark.parametrize(
    ("kind", "value", "accepted"),
    [
        ("text", "x", "x"),
        ("text", 3.0, "3"),
        ("text", 3.5, "3.5"),
        ("categorical", 3.0, "3"),
        ("text", True, None),
        ("bool", "true", True),
        ("bool", "False", False),
        ("bool", True, True),
        ("bool", "maybe", None),
        ("float", "2.5", 2.5),
        ("float", 3, 3.0),
        ("float", True, None),
        ("float", "inf", None),
        ("float", "many", None),
        ("categorical", "red", "Red"),
        ("categorical", "green", None),
        ("any", True, True),
        ("text", None, None),
    ],
)
def test_values_in_a_slots_type(kind: str, value: SlotValue, accepted: SlotValue) -> None:
    result = Slot("s", kind, values=("Red", "3")).accept(value)
    assert result == accepted
    assert type(result) is type(accepted)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("slots:\n  a: {type: list}\n", 2, "type 'list' is unknown; expected one of: text"),
        ("slots:\n  a: {}\n", 2, "'type' is missing"),
        ("slots:\n  a: {type: categorical}\n", 2, "needs 'values'"),
        ("slots:\n  a: {type: float, initial_value: many}\n", 2, "the initial value 'many' is none of this slot's"),
        ("slots:\n  a: {type: text, mappings: [{type: from_entity}]}\n", 2, "'entity' is missing"),
        ("intents: [[a]]\n", 1, "must be a name"),
        ("slots: [a]\n", 1, "must be a mapping"),
    ],
)
def test_errors_say_where(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(DomainError) as caught:
        domain(tmp_path, text)
    assert said in str(caught.value)
    assert caught.value.place.line == line


def test_a_missing_domain(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="cannot be read"):
        load_domain(tmp_path / "domain.yml")


def test_no_slot_of_the_demo_is_left_over() -> None:
    script = demo()
    used = set(script.own_slots["identify"]) | {"recording_policy", "handoff_queue", "handoff_priority"}
    used |= {slot for slots in script.own_slots.values() for slot in slots}
    used |= {name for _, _, variation in script.responses.variations() for name in variation.slots}
    used |= {slot for flow in script.flows.values() for slot in flow.persisted_slots}
    actions = (Path(__file__).parents[2] / "voicebot" / "bank" / "actions.py").read_text()
    assert {name for name in script.domain.slots if name not in used and f'"{name}"' not in actions} == set()
