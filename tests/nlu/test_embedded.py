"""The embedded interpreter on utterances that it was not trained on, damaged ones among them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nlu.conftest import DEMO
from voicebot.nlu.data import Example, read_training_data
from voicebot.nlu.embedded import EmbeddedInterpreter, load, open_embedded
from voicebot.nlu.model import certain_intent
from voicebot.nlu.scope import OUT_OF_SCOPE
from voicebot.nlu.text import normalise

HELD_OUT = [e for path in sorted((DEMO / "tests").glob("*.yml")) for e in read_training_data(path).examples]


def share_understood(demo: EmbeddedInterpreter, examples: list[Example]) -> float:
    """The share of examples whose intent is found."""
    return sum(demo.parse(example.text).intent.name == example.intent for example in examples) / len(examples)


def test_held_out_utterances_are_no_training_examples() -> None:
    trained = {normalise(example.text) for example in read_training_data(DEMO).examples}
    repeated = {example.text for example in HELD_OUT if normalise(example.text) in trained}
    assert {text for text in repeated if certain_intent(text) is None} == set()


def test_held_out_utterances_are_understood(demo: EmbeddedInterpreter) -> None:
    inside = [example for example in HELD_OUT if example.intent != OUT_OF_SCOPE]
    assert share_understood(demo, inside) >= 0.95


def test_held_out_nonsense_is_turned_away(demo: EmbeddedInterpreter) -> None:
    outside = [example for example in HELD_OUT if example.intent == OUT_OF_SCOPE]
    assert len(outside) >= 40
    assert share_understood(demo, outside) >= 0.9


def test_every_training_example_is_understood(demo: EmbeddedInterpreter) -> None:
    assert share_understood(demo, list(read_training_data(DEMO).examples)) >= 0.99


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hi my name is elizabeth david i need to check my account balance", "check_balance"),
        ("hi my name is linda garcia i will licensed schedule an appointment", "schedule_appointment"),
        ("hi my name is linda brown i lost my credit card can you send me a new one", "block_card"),
        (
            "yes hello this is robert jones i would like to know uh what your local branch hours are please",
            "branch_hours",
        ),
        ("hello i need a new checkbook", "order_checks"),
        ("no that was gonna be it", "deny"),
        ("won't be all", "goodbye"),
        ("agent", "talk_to_human"),
        ("i want to talk to a human", "talk_to_human"),
    ],
)
def test_real_callers_are_understood(demo: EmbeddedInterpreter, text: str, intent: str) -> None:
    assert demo.parse(text).intent.name == intent


def test_interpretations_name_who_answered(demo: EmbeddedInterpreter) -> None:
    meaning = asyncio.run(demo.interpret("check my balance", deadline_ms=1))
    assert meaning == demo.parse("check my balance")
    assert meaning.engine == demo.name
    assert demo.name.startswith("embedded ")


@given(st.text(max_size=300))
def test_any_text_is_interpreted(demo: EmbeddedInterpreter, text: str) -> None:
    meaning = demo.parse(text)
    assert 0.0 <= meaning.intent.confidence <= 1.0
    assert meaning.text == text
    assert all(0 <= entity.start < entity.end <= len(text) for entity in meaning.entities)


@pytest.mark.parametrize("text", ["x" * 10_000, "five " * 2_000, "no wait " * 1_250, "😀" * 10_000, "a b " * 2_500])
def test_a_very_long_text_takes_bounded_time(demo: EmbeddedInterpreter, text: str) -> None:
    began = time.thread_time()
    demo.parse(text)
    assert time.thread_time() - began < 0.2


def test_a_parse_costs_less_than_five_milliseconds(demo: EmbeddedInterpreter) -> None:
    costs = []
    for example in HELD_OUT:
        began = time.thread_time()
        demo.parse(example.text)
        costs.append(time.thread_time() - began)
    assert sorted(costs)[len(costs) * 95 // 100] < 0.005


def test_a_project_is_trained_on_first_use_and_when_it_has_changed(tiny: Path, tmp_path: Path) -> None:
    told: list[str] = []
    first = open_embedded(tiny, tmp_path / "model", told.append)
    assert "training one" in told[0]
    told.clear()
    assert open_embedded(tiny, tmp_path / "model", told.append).name == first.name
    assert told == []
    file = tiny / "data/nlu/tiny.yml"
    file.write_text(file.read_text().replace("good morning", "good evening"))
    assert open_embedded(tiny, tmp_path / "model", told.append).name != first.name
    assert load(tmp_path / "model").name != first.name
