"""Answers as a recogniser gives them, through the real understanding to the real flows: no false yes, no false no."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from voicebot.call.facts import CallFacts
from voicebot.dialogue.events import NotUnderstood

if TYPE_CHECKING:
    from voicebot.media.chat import Chat
    from voicebot.media.house import House


@pytest.fixture
def asked(house: House) -> Iterator[Chat]:
    """A caller who was asked whether to block a card."""
    facts = CallFacts("unclear", "", "chat", datetime(2026, 3, 4, tzinfo=UTC), "en", seed=1)
    chat = house.chat(facts, lambda _package: ("Q-TEST", 1))
    chat.start()
    for line in ("i lost my debit card", "48213907"):
        lines = chat.answer(line)
    assert lines[-1].startswith("Shall I block")
    yield chat


@pytest.mark.parametrize(
    "text",
    [
        "yes not", "yes not really", "yes that's wrong", "no yes of", "yes not sorry", "yes no", "no yes",
        "yes no wait no", "no wait yes", "yes block it no", "no block it yes", "yes but don't block it",
    ],
)  # fmt: skip
def test_a_yes_with_a_no_is_asked_again(asked: Chat, text: str) -> None:
    lines = asked.answer(text)
    assert lines == ["Sorry, I am not sure that I heard you right.", lines[-1]]
    assert lines[-1].endswith("Please say yes or no.")
    assert NotUnderstood("low_confidence", 1, "reprompt") in asked.moves
    assert asked.answer("no")[0] == "All right, I have not blocked it."


@pytest.mark.parametrize(
    "text", ["no", "no don't", "no i want to keep it", "no not that one", "nope", "don't block it"]
)
def test_a_clear_no_is_a_no(asked: Chat, text: str) -> None:
    assert asked.answer(text)[0] == "All right, I have not blocked it."


@pytest.mark.parametrize("text", ["yes", "yes please block it", "sure go ahead", "yeah no problem"])
def test_a_clear_yes_is_a_yes(asked: Chat, text: str) -> None:
    assert "is blocked" in asked.answer(text)[0]
