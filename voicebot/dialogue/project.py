"""Reads a project's conversation: nlu_data/flows, nlu_data/domain.yml and prompts/<language>."""

from __future__ import annotations

from pathlib import Path

from voicebot.dialogue.checks import check
from voicebot.dialogue.domain import load_domain
from voicebot.dialogue.loader import load_flows
from voicebot.dialogue.responses import load_responses
from voicebot.dialogue.script import Policy, Script, make_script


def load_dialogue(nlu_data: Path, prompts: Path, language: str = "en", policy: Policy | None = None) -> Script:
    """Everything read and checked, once per process; `Script.dialogue(seed)` then makes the dialogue of a call.

    Raises ProjectError (FlowError, DomainError, ResponseError) with file, line, what is wrong and what was expected.
    """
    domain = load_domain(nlu_data / "domain.yml")
    flows = load_flows(nlu_data / "flows")
    responses = load_responses(prompts / language)
    script = make_script(flows, responses, domain, language, policy)
    check(script)
    responses.recorded()
    return script
