from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from voicebot.bank.actions import actions, bank, dollars
from voicebot.dialogue.actions import ActionError
from voicebot.dialogue.events import SlotValue

SUNDAY = datetime(2026, 3, 1, 23, 50, tzinfo=UTC)


def run(name: str, now: datetime = SUNDAY, **slots: SlotValue) -> dict[str, SlotValue]:
    return dict(actions.run(name, slots, now=now))


def test_every_account_identifies_its_customer() -> None:
    for customer in bank.customers:
        for account in customer.accounts:
            assert run("action_identify", account_number=account.number)["customer"] == customer.id


def test_account_numbers_are_unique_and_have_eight_digits() -> None:
    numbers = [account.number for customer in bank.customers for account in customer.accounts]
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 8 and number.isdecimal() for number in numbers)


def test_failures_are_counted() -> None:
    assert run("action_identify", account_number="00000000") == {"identification_failures": 1.0}
    assert run("action_identify", account_number="0", identification_failures=1.0) == {"identification_failures": 2.0}
    assert run("action_identify") == {"identification_failures": 1.0}


@pytest.mark.parametrize("name", ["action_check_balance", "action_find_card", "action_block_card"])
def test_nothing_is_told_to_strangers(name: str) -> None:
    for slots in ({}, {"account_number": "48213907"}, {"customer": "C9999", "account_number": "48213907"}):
        with pytest.raises(ActionError):
            actions.run(name, slots, now=SUNDAY)


def test_balances() -> None:
    assert run("action_check_balance", customer="C1001")["balance"] == "$2,450.75"
    named = run("action_check_balance", customer="C1001", account_type="savings")
    assert named == {"account_kind": "savings", "balance": "$10,300.00"}
    given = run("action_check_balance", customer="C1001", account_number="48213915", account_type="joint")
    assert given["account_kind"] == "savings"
    others = run("action_check_balance", customer="C1001", account_number="70352846")
    assert others["account_kind"] == "checking"
    assert others["balance"] == "$2,450.75"


def test_amounts() -> None:
    assert dollars(Decimal("1234567.5")) == "$1,234,567.50"
    assert dollars(Decimal("-0.05")) == "-$0.05"


def test_cards() -> None:
    assert run("action_find_card", customer="C1001") == {"card_count": 2.0, "card_ending": None, "card_type": None}
    found = run("action_find_card", customer="C1001", card_type="credit")
    assert found == {"card_count": 1.0, "card_ending": "9062", "card_type": "credit"}
    assert run("action_find_card", customer="C1003")["card_count"] == 0.0


def test_blocking_twice_is_blocking_once() -> None:
    first = run("action_block_card", customer="C1002", card_ending="2290")
    assert first == run("action_block_card", customer="C1002", card_ending="2290")
    assert str(first["block_reference"]).isdecimal()
    assert "C1002/2290" in bank.blocked
    with pytest.raises(ActionError, match="action_block_card"):
        run("action_block_card", customer="C1002", card_ending="4417")


def test_days_follow_the_time_of_the_call() -> None:
    assert run("action_branch_hours", day="today")["opening_hours"] == "closed on Sunday"
    assert run("action_branch_hours", day="Tonight")["opening_hours"] == "closed on Sunday"
    assert run("action_branch_hours", day="tomorrow")["opening_hours"] == "open on Monday from nine to five"
    later = SUNDAY + timedelta(minutes=20)
    assert run("action_branch_hours", later, day="today")["opening_hours"] == "open on Monday from nine to five"
    assert "weekdays" in str(run("action_branch_hours", day="weekend")["opening_hours"])


def test_branches() -> None:
    assert run("action_branch_hours", branch="Airport") == {
        "branch_known": True,
        "opening_hours": "open every day from eight in the morning to eight at night",
    }
    assert run("action_branch_hours", branch="moon")["branch_known"] is False
