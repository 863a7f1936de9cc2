"""The conversation in text, with the demo bank's real flows, model and actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage
from voicebot.dialogue.events import HandOffReason
from voicebot.media.chat import Chat
from voicebot.media.house import House
from voicebot.nlu.interpreter import Interpretation

FACTS = CallFacts("chat-1", "+15550100", "chat", datetime(2026, 3, 2, 10, tzinfo=UTC))


@pytest.fixture
def packages() -> list[HandOffPackage]:
    """What reaches the human queue."""
    return []


@pytest.fixture
def talk(house: House, packages: list[HandOffPackage]) -> Chat:
    """A conversation that has begun."""

    def hand_off(package: HandOffPackage) -> tuple[str, int]:
        packages.append(package)
        return "Q-1", 1

    begun = house.chat(FACTS, hand_off)
    assert begun.start()
    return begun


def test_a_balance_by_keypad_then_a_human(talk: Chat, packages: list[HandOffPackage]) -> None:
    talk.answer("what is my balance")
    assert talk.meaning is not None
    assert talk.meaning.intent.name == "check_balance"
    answer = talk.answer("70352846")
    assert any("dollars" in line for line in answer), answer
    talk.answer("i want to talk to an agent")
    assert talk.ended == "handed off: user_request, queue general"
    (package,) = packages
    assert talk.entry == "Q-1"
    written = repr(package)
    assert "70352846" not in written
    assert "check balance" in package.summary
    caller = [turn for turn in package.transcript if turn.speaker == "caller"]
    assert [turn.text for turn in caller] == ["what is my balance", "••••", "i want to talk to an agent"]
    assert caller[0].intents[0].name == "check_balance"


def test_empty_lines_are_silence_until_a_human_is_fetched(talk: Chat, packages: list[HandOffPackage]) -> None:
    for _ in range(6):
        if talk.ended is None:
            assert talk.answer("   ")
    assert packages[0].reason is HandOffReason.NO_INPUT_LIMIT


def test_goodbye_ends_it_without_a_human(talk: Chat, packages: list[HandOffPackage]) -> None:
    for line in ("goodbye", "no thank you", "goodbye"):
        if talk.ended is None:
            talk.answer(line)
    assert talk.ended is not None
    assert (talk.entry, packages) == (None, [])


class Broken:
    """An intent model that is down."""

    name = "broken"

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        raise ConnectionError("down")


def test_a_model_that_fails_costs_an_apology_and_a_hand_off(talk: Chat, packages: list[HandOffPackage]) -> None:
    broken = replace(talk, interpreter=Broken())
    assert broken.answer("what is my balance")
    assert packages[0].reason is HandOffReason.ERROR


def test_control_characters_do_not_reach_the_transcript(talk: Chat) -> None:
    talk.answer("when are you \x1b[31mopen\x07")
    assert all(turn.text.isprintable() for turn in talk.turns)
