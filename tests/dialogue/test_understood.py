"""What callers say, as typed or heard, through the real understanding to the demo's flows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from voicebot.call.facts import CallFacts
from voicebot.dialogue.events import NotUnderstood

if TYPE_CHECKING:
    from voicebot.media.chat import Chat
    from voicebot.media.house import House

GREETING = "Welcome to Demo Bank."


@pytest.fixture
def caller(house: House) -> Chat:
    """A caller who has been greeted."""
    facts = CallFacts("understood", "", "chat", datetime(2026, 3, 4, tzinfo=UTC), "en", seed=1)
    chat = house.chat(facts, lambda _package: ("Q-TEST", 1))
    assert GREETING in chat.start()[0]
    return chat


@pytest.fixture
def asked(caller: Chat) -> Chat:
    """A caller who was asked whether to block a card."""
    caller.answer("i lost my debit card")
    assert caller.answer("48213907")[-1].startswith("Shall I block")
    return caller


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


@pytest.mark.parametrize("text", ["yes", "yes please block it", "sure go ahead", "yeah no problem", "block it please"])
def test_a_clear_yes_is_a_yes(asked: Chat, text: str) -> None:
    assert "is blocked" in asked.answer(text)[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("and my savings", "savings"),
        ("what about my savings", "savings"),
        ("how about the savings account", "savings"),
        ("and my checking", "checking"),
        ("what about checking", "checking"),
    ],
)
def test_after_a_balance_another_account_may_be_named(caller: Chat, text: str, kind: str) -> None:
    caller.answer("check my balance")
    caller.answer("48213907")
    assert caller.answer(text)[0].startswith(f"The balance of your {kind} account is")


@pytest.mark.parametrize("text", ["someone about a loan", "i want to talk to someone about a loan", "i need a loan"])
def test_who_wants_a_loan_waits_for_those_who_give_them(caller: Chat, text: str) -> None:
    caller.answer(text)
    assert caller.ended == "handed off: policy, queue loans"


@pytest.mark.parametrize("text", ["someone", "i want to talk to someone", "put me through to somebody"])
def test_who_wants_just_someone_gets_anyone(caller: Chat, text: str) -> None:
    caller.answer(text)
    assert caller.ended == "handed off: user_request, queue general"


@pytest.mark.parametrize(
    "text", ["when is the portland branch open", "what are the hours in portland", "is the tulsa branch open today"]
)
def test_a_branch_that_does_not_exist_is_told_so(caller: Chat, text: str) -> None:
    assert caller.answer(text)[0].startswith("I do not know that branch.")


@pytest.mark.parametrize("text", ["what", "what?", "pardon", "sorry what was that"])
def test_what_gets_the_question_again_and_no_greeting(caller: Chat, text: str) -> None:
    first = caller.answer(text)
    assert first in (["How can I help you?"], ["What can I do for you?"])
    asked = caller.answer("check my balance")
    assert caller.answer(text) == asked
