"""What the flows of the demo bank do. Every action trusts only `customer`, which `action_identify` alone sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from voicebot.bank.records import USUAL, Account, Bank, Branch, Card, Customer
from voicebot.dialogue.actions import ActionError, Actions
from voicebot.dialogue.events import SlotValue

Slots = Mapping[str, SlotValue]

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

actions = Actions()
bank = Bank()


@actions.action("action_identify")
def identify(slots: Slots, *, now: datetime) -> Slots:  # noqa: ARG001 - every action is told the time
    """Who calls, by account number: sets `customer`, or counts a failure."""
    customer = bank.customer_with_account(str(slots.get("account_number")))
    if customer is not None:
        return {"customer": customer.id, "account_number": slots["account_number"]}
    failures = slots.get("identification_failures")
    return {"identification_failures": 1.0 + (failures if isinstance(failures, float) else 0.0)}


@actions.action("action_check_balance")
def check_balance(slots: Slots, *, now: datetime) -> Slots:  # noqa: ARG001
    """The balance of the account that the caller named, else of the one whose number they gave."""
    customer = _customer(slots)
    account = _account(customer, slots)
    return {"account_kind": account.kind, "balance": dollars(account.balance)}


@actions.action("action_find_card")
def find_card(slots: Slots, *, now: datetime) -> Slots:  # noqa: ARG001
    """The card that the caller means: sets `card_type` and `card_ending`, or how many there are to choose from."""
    cards = _matching_cards(slots)
    card = cards[0] if len(cards) == 1 else None
    return {
        "card_count": float(len(cards)),
        "card_ending": card.ending if card else None,
        "card_type": card.type if card else None,
    }


@actions.action("action_block_card")
def block_card(slots: Slots, *, now: datetime) -> Slots:  # noqa: ARG001
    """Block the card that was found."""
    customer = _customer(slots)
    card = next((card for card in customer.cards if card.ending == slots.get("card_ending")), None)
    if card is None:
        raise ActionError("the card to block is not one of the customer's")
    return {"block_reference": bank.block(customer, card)}


@actions.action("action_branch_hours")
def branch_hours(slots: Slots, *, now: datetime) -> Slots:
    """When a branch, or the usual one, is open: on one day, or over the week."""
    branch = bank.branches.get(str(slots.get("branch") or "").lower())
    day = _day(slots.get("day"), now)
    hours = week_hours(branch or USUAL) if day is None else day_hours(branch or USUAL, day)
    return {"branch_known": branch is not None, "opening_hours": hours}


def dollars(amount: Decimal) -> str:
    """An amount as it is written: "$1,234.50"."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def _customer(slots: Slots) -> Customer:
    customer = bank.customer(str(slots.get("customer")))
    if customer is None:
        raise ActionError("the caller has not been identified")
    return customer


def _account(customer: Customer, slots: Slots) -> Account:
    of_kind = [account for account in customer.accounts if account.kind == slots.get("account_type")]
    given = [account for account in customer.accounts if account.number == slots.get("account_number")]
    return (of_kind or given or list(customer.accounts))[0]


def _matching_cards(slots: Slots) -> list[Card]:
    wanted = slots.get("card_type")
    return [card for card in _customer(slots).cards if wanted in (None, card.type)]


def _day(day: SlotValue, now: datetime) -> int | None:
    """0 for Monday; None for the whole week."""
    said = str(day or "").lower()
    if said in ("today", "tonight"):
        return now.weekday()
    if said == "tomorrow":
        return (now.weekday() + 1) % 7
    return next((number for number, name in enumerate(DAYS) if name.lower() == said), None)


def day_hours(branch: Branch, day: int) -> str:
    """The hours of one day, 0 for Monday, as they are said: "open on Monday from nine to five"."""
    hours = branch.on(day)
    return f"open on {DAYS[day]} from {hours[0]} to {hours[1]}" if hours else f"closed on {DAYS[day]}"


def week_hours(branch: Branch) -> str:
    """The hours of a week, as they are said."""
    opens, closes = branch.weekdays
    if branch.saturday is None:
        return f"open on weekdays from {opens} to {closes}"
    if branch.sunday is not None:
        return f"open every day from {opens} to {closes}"
    from_saturday, to_saturday = branch.saturday
    return f"open on weekdays from {opens} to {closes}, and on Saturday from {from_saturday} to {to_saturday}"
