"""What is checked with flows, responses and domain side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.conversing import ROOT, demo
from tests.dialogue.small import DOMAIN, RESPONSES, project, script
from voicebot.dialogue.project import load_dialogue
from voicebot.dialogue.script import PATTERNS
from voicebot.dialogue.yamlfile import ProjectError
from voicebot.errors import VoicebotError


def test_the_demo_is_sound() -> None:
    found = demo()
    assert set(PATTERNS) <= set(found.flows)
    assert found.sensitive == {"account_number"}
    assert {key: flow.id for key, flow in found.menu.items()} == {
        "1": "check_balance",
        "2": "block_card",
        "3": "branch_hours",
    }
    assert found.phrases["operator"].id == "pattern_human_handoff"


@pytest.mark.parametrize(
    ("flows", "line", "said"),
    [
        ("flows:\n  a:\n    steps:\n      - action: utter_nothing\n", 4, "the response 'utter_nothing' is not in"),
        ("flows:\n  a:\n    steps:\n      - action: action_nothing\n", 4, "'action_nothing' is neither built in nor"),
        ("flows:\n  a:\n    steps:\n      - action: call_home\n", 4, "expected one of: call_start_recording"),
        ("flows:\n  a:\n    steps:\n      - collect: nothing\n", 4, "the slot 'nothing' is not in the domain"),
        ("flows:\n  a:\n    steps:\n      - {collect: size, utter: utter_no}\n", 4, "the response 'utter_no'"),
        ("flows:\n  a:\n    steps:\n      - {collect: size, expect: yes_no}\n", 4, "needs a slot of type bool"),
        ("flows:\n  a:\n    steps:\n      - collect: pin\n", 4, "nothing that a caller says fills the slot 'pin': add"),
        (
            "flows:\n  a:\n    steps:\n      - {collect: count, utter: utter_ask_pin}\n",
            4,
            "a mapping `from_entity`",
        ),
        (
            "flows:\n  a:\n    steps:\n      - {collect: colour, choices: [{value: green}]}\n",
            4,
            "the slot 'colour' cannot be 'green'",
        ),
        (
            "flows:\n  a:\n    steps:\n      - {collect: size, rejections: [{if: slots.size, utter: utter_no}]}\n",
            4,
            "the response 'utter_no'",
        ),
        ("flows:\n  a:\n    steps:\n      - set_slots: [{nothing: 1}]\n", 4, "the slot 'nothing'"),
        ("flows:\n  a:\n    steps:\n      - set_slots: [{colour: green}]\n", 4, "cannot be 'green'"),
        ("flows:\n  a:\n    steps:\n      - set_slots: [{handoff_reason: fun}]\n", 4, "'fun' is no reason"),
        ("flows:\n  a:\n    steps:\n      - call: nothing\n", 4, "there is no flow 'nothing'"),
        ("flows:\n  a:\n    steps:\n      - link: nothing\n", 4, "there is no flow 'nothing'"),
        ("flows:\n  a:\n    steps:\n      - call: pattern_help\n", 4, "linked to, not called"),
        ("flows:\n  a:\n    if: slots.nothing\n    steps: [{action: utter_hello}]\n", 3, "the slot 'nothing'"),
        ("flows:\n  a:\n    if: context.nothing\n    steps: [{action: utter_hello}]\n", 3, "no context.nothing"),
        ("flows:\n  a:\n    persisted_slots: [nothing]\n    steps: [{action: utter_hello}]\n", 3, "'nothing'"),
        ("flows:\n  a:\n    nlu_trigger: [{intent: x}]\n    steps: [{action: utter_hello}]\n", 3, "the intent 'x'"),
        (
            "flows:\n  a:\n    steps:\n"
            "      - {action: utter_hello, next: END}\n      - {id: b, action: utter_hello}\n",
            5,
            "the step 'b' can never be reached",
        ),
        (
            "flows:\n  a:\n    steps:\n      - {id: b, action: utter_hello, next: b}\n",
            4,
            "leads back to itself without asking",
        ),
        (
            "flows:\n  a:\n    steps: [{action: utter_hello}, {link: b}]\n  b:\n    steps: [{link: a}]\n",
            3,
            "leads back to itself without asking",
        ),
        ("flows:\n  a:\n    steps: [{collect: size}, {call: a}]\n", 3, "comes to call the flow itself"),
        (
            "flows:\n  a:\n    steps: [{call: b}]\n  b:\n    steps: [{collect: size}, {link: a}]\n",
            3,
            "comes to call the flow itself",
        ),
        (
            "flows:\n  a: {menu_key: '1', steps: [{action: utter_hello}]}\n"
            "  b: {menu_key: '1', steps: [{action: utter_hello}]}\n",
            3,
            "the menu key '1' of flow 'b' already starts 'a'",
        ),
        ("flows:\n  a: {phrases: [agent], steps: [{action: utter_hello}]}\n", 2, "the phrase 'agent'"),
    ],
)
def test_what_does_not_fit_together(tmp_path: Path, flows: str, line: int, said: str) -> None:
    with pytest.raises(ProjectError) as caught:
        script(tmp_path, flows)
    assert said in str(caught.value)
    assert caught.value.place.line == line
    assert isinstance(caught.value, VoicebotError)


FINE = "flows: {a: {nlu_trigger: [{intent: a}], steps: [{collect: size}]}}"


@pytest.mark.parametrize("step", ["{collect: size}", "{collect: note}", "{collect: sure}", "{collect: pin, length: 4}"])
def test_questions_that_can_be_answered(tmp_path: Path, step: str) -> None:
    assert "a" in script(tmp_path, f"flows: {{a: {{steps: [{step}]}}}}").flows


def test_circles_that_ask_or_act_are_fine(tmp_path: Path) -> None:
    asking = "{id: b, collect: size}, {set_slots: [{size: null}], next: b}"
    acting = "{id: b, action: action_work, next: [{if: slots.count > 3, then: END}, {else: b}]}"
    for steps in (asking, acting):
        assert "a" in script(tmp_path, f"flows: {{a: {{nlu_trigger: [{{intent: a}}], steps: [{steps}]}}}}").flows


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_of_the_engine_must_be_there(tmp_path: Path, name: str) -> None:
    project(tmp_path, FINE)
    patterns = tmp_path / "flows" / "patterns.yml"
    patterns.write_text(patterns.read_text().replace(name, "pattern_other"))
    with pytest.raises(ProjectError, match=name):
        load_dialogue(tmp_path, tmp_path / "prompts")


@pytest.mark.parametrize("name", ["utter_ask_request", "utter_internal_error", "utter_human_handoff"])
def test_every_response_of_the_engine_must_be_there(tmp_path: Path, name: str) -> None:
    project(tmp_path, FINE)
    core = tmp_path / "prompts" / "en" / "core.yml"
    core.write_text(core.read_text().replace(f"  {name}:", "  utter_other:"))
    with pytest.raises(ProjectError, match=name):
        load_dialogue(tmp_path, tmp_path / "prompts")


def test_slots_in_prompts_must_exist(tmp_path: Path) -> None:
    for text in ('text: "{nothing}"', "text: a, condition: [{type: slot, name: nothing, value: 1}]"):
        responses = f"{RESPONSES}  utter_y: [{{text: a}}, {{{text}}}]\n"
        with pytest.raises(ProjectError, match="'nothing' is no slot"):
            script(tmp_path, FINE, responses=responses)


def test_the_engines_slots_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="handoff_queue"):
        script(tmp_path, FINE, domain=DOMAIN.replace("handoff_queue", "other"))


def test_an_unknown_language(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no"):
        load_dialogue(ROOT / "nlu_data", ROOT / "prompts", "tlh")
