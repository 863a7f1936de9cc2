"""The timeline as it is written: one line of JSON an entry, the same bytes every time."""

from __future__ import annotations

import json
import typing

import pytest

from voicebot.call.clock import Clock
from voicebot.call.handoff import IntentTry, TranscriptTurn
from voicebot.call.timeline import Entry, Floor, FloorChanged, Heard, PromptStarted, Timeline, TimelineEvent
from voicebot.dialogue.events import SlotSet

WRITTEN = [
    (FloorChanged(Floor.BOT, Floor.OPEN, "the prompt ended"),
     '{"ms":40,"event":"FloorChanged","before":"bot","after":"open","reason":"the prompt ended"}'),
    (Heard("grüße", 0.123456789, "vosk"),
     '{"ms":40,"event":"Heard","text":"grüße","confidence":0.1235,"engine":"vosk"}'),
    (PromptStarted("utter_x", "Hello", None),
     '{"ms":40,"event":"PromptStarted","response":"utter_x","text":"Hello","delay_ms":null}'),
    (SlotSet("city", "boston", confirmed=True, sensitive=False),
     '{"ms":40,"event":"SlotSet","name":"city","value":"boston","confirmed":true,"sensitive":false}'),
]  # fmt: skip


@pytest.mark.parametrize(("event", "line"), WRITTEN)
def test_an_entry_as_json(event: TimelineEvent, line: str) -> None:
    assert Entry(2, event).as_json() == line


def test_figures_are_rounded_wherever_they_are() -> None:
    """Also those within a turn: the same entry must be the same bytes on any machine."""
    turn = TranscriptTurn("caller", "hi", 0, 400, 1 / 3, (IntentTry("greet", 2 / 3),))
    body = json.loads(Entry(0, turn).as_json())
    assert body["confidence"] == 0.3333
    assert body["intents"] == [{"name": "greet", "confidence": 0.6667}]


def test_every_kind_of_entry_has_a_name_of_its_own() -> None:
    kinds = typing.get_args(TimelineEvent)
    assert len({kind.__name__ for kind in kinds}) == len(kinds)


def test_entries_carry_the_frame_in_which_they_happened() -> None:
    clock = Clock()
    timeline = Timeline(clock)
    for clock.frame in (0, 3):
        timeline.add(Heard("x", 1.0, ""))
    assert [entry.at_ms for entry in timeline.drain()] == [0, 60]
