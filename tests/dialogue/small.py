"""Small projects: a few flows of a test on top of the demo's patterns and prompts."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import dedent

from tests.dialogue.conversing import ROOT
from voicebot.dialogue.actions import Actions
from voicebot.dialogue.project import load_dialogue
from voicebot.dialogue.script import Script

DOMAIN = """
intents: [a, b, c, help, repeat, cancel, talk_to_human, affirm, deny, inform, out_of_scope]
entities: [size, colour]
slots:
  size: {type: text, mappings: [{type: from_entity, entity: size}]}
  colour: {type: categorical, values: [red, blue], mappings: [{type: from_entity, entity: colour}]}
  note: {type: text, mappings: [{type: from_text}]}
  pin: {type: text, mappings: [{type: custom}]}
  count: {type: float, initial_value: 1, mappings: [{type: custom}]}
  sure: {type: bool, mappings: [{type: custom}]}
  recording_policy: {type: text, mappings: [{type: custom}]}
  recording_consent: {type: bool, mappings: [{type: custom}]}
  answer_confirmed: {type: bool, mappings: [{type: custom}]}
  anything_else: {type: bool, mappings: [{type: custom}]}
  identification_failures: {type: float, mappings: [{type: custom}]}
  handoff_reason: {type: text, mappings: [{type: custom}]}
  handoff_queue: {type: text, mappings: [{type: custom}]}
  handoff_priority: {type: float, mappings: [{type: custom}]}
actions: [action_work, action_fail]
"""
RESPONSES = """
responses:
  utter_hello: [{text: "Hello."}]
  utter_done: [{text: "Done with {size}."}]
  utter_too_big: [{text: "Too big."}]
  utter_ask_size: [{text: "Which size?"}]
  utter_ask_colour: [{text: "Which colour?"}]
  utter_ask_note: [{text: "What shall I note?"}]
  utter_ask_pin: [{text: "Your PIN?"}]
  utter_ask_sure: [{text: "Sure?"}]
"""


def project(path: Path, flows: str, *, responses: str = RESPONSES, domain: str = DOMAIN) -> Path:
    """Write a project: these flows with the demo's patterns."""
    (path / "flows").mkdir(parents=True, exist_ok=True)
    (path / "prompts" / "en").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "nlu_data" / "flows" / "patterns.yml", path / "flows" / "patterns.yml")
    core = (ROOT / "prompts" / "en" / "core.yml").read_text().replace("utter_hello:", "utter_unused:")
    (path / "prompts" / "en" / "core.yml").write_text(core)
    (path / "prompts" / "en" / "small.yml").write_text(responses)
    (path / "domain.yml").write_text(domain)
    (path / "flows" / "small.yml").write_text(dedent(flows))
    return path


def script(path: Path, flows: str, *, responses: str = RESPONSES, domain: str = DOMAIN) -> Script:
    """The script of such a project."""
    return load_dialogue(project(path, flows, responses=responses, domain=domain), path / "prompts")


def business() -> Actions:
    """The actions that small projects run."""
    found = Actions()

    @found.action("action_work")
    def work(slots: object, *, now: object) -> dict[str, float]:
        return {"count": 2.0}

    return found
