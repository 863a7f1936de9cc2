"""Holds the demo's conversation with the real flows, prompts and actions, as a call does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from voicebot.bank.actions import actions
from voicebot.dialogue.actions import Actions
from voicebot.dialogue.engine import Dialogue
from voicebot.dialogue.events import (
    Act,
    ActionFinished,
    End,
    Event,
    Expectation,
    HandOff,
    Listen,
    Mention,
    Move,
    Say,
    SlotValue,
    Started,
    UserTurn,
    Wait,
)
from voicebot.dialogue.project import load_dialogue
from voicebot.dialogue.script import Script

ROOT = Path(__file__).parents[2]
WEDNESDAY = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
LAST = (Listen, Act, HandOff, End, Wait)


@cache
def demo() -> Script:
    """The demo's conversation."""
    return load_dialogue(ROOT / "nlu_data", ROOT / "prompts")


def says(intent: str, text: str = "", confidence: float = 0.9, mentions: Mapping[str, str] | None = None) -> UserTurn:
    """The caller says something at an open question."""
    found = tuple(Mention(name, value) for name, value in (mentions or {}).items())
    return UserTurn(text or intent.replace("_", " "), intent, confidence, mentions=found)


def answers(value: str | None, text: str = "", heard: float = 1.0, *, over: bool = False) -> UserTurn:
    """The caller answers a closed question by voice."""
    intent = {"true": "affirm", "false": "deny"}.get(value or "", "inform")
    return UserTurn(text or str(value), intent, 0.9, heard=heard, value=value, over_prompt=over)


def keys(pressed: str, value: str | None = None) -> UserTurn:
    """The caller uses the keypad."""
    return UserTurn(pressed, "inform", 1.0, value=value, keyed=True)


@dataclass
class Conversation:
    """A dialogue whose actions are run at once; keeps every move."""

    dialogue: Dialogue
    business: Actions = actions
    moves: list[Move] = field(default_factory=list)
    fresh: list[Move] = field(default_factory=list)

    def tell(self, event: Event) -> Move:
        """Give the dialogue an event and run what it asks for; the move at which it then waits."""
        self.fresh = []
        while True:
            made = self.dialogue.advance(event)
            check_shape(made)
            self.fresh += made
            self.moves += made
            last = made[-1]
            if not isinstance(last, Act):
                return last
            slots: Mapping[str, SlotValue] = {}
            if not last.name.startswith("call_"):
                slots = self.business.run(last.name, last.slots, now=WEDNESDAY)
            event = ActionFinished(last.name, slots)

    @property
    def said(self) -> list[str]:
        """The responses said since the last event."""
        return [move.response for move in self.fresh if isinstance(move, Say)]

    @property
    def text(self) -> str:
        """The words said since the last event."""
        return " ".join(move.text for move in self.fresh if isinstance(move, Say))

    @property
    def expectation(self) -> Expectation:
        """What is awaited now."""
        last = self.fresh[-1]
        assert isinstance(last, Listen)
        return last.expectation


def check_shape(moves: Sequence[Move]) -> None:
    """Exactly the last move waits for the world."""
    assert isinstance(moves[-1], LAST)
    assert not any(isinstance(move, LAST) for move in moves[:-1])


def call(script: Script | None = None, seed: int = 1, **facts: SlotValue) -> Conversation:
    """A call that has been answered."""
    conversation = Conversation((script or demo()).dialogue(seed))
    conversation.tell(Started(facts))
    return conversation
