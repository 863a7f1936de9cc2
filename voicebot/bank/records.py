"""Who banks at the demo bank. All names and numbers are invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Account:
    """An account: number of 8 digits, kind (checking, savings, business), balance in dollars."""

    number: str
    kind: str
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """A card: type (debit, credit) and the last four digits of its number; more of it is not kept here."""

    type: str
    ending: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with everything they hold."""

    id: str
    name: str
    accounts: tuple[Account, ...]
    cards: tuple[Card, ...] = ()


CUSTOMERS: Final = (
    Customer(
        "C1001",
        "Alice Morgan",
        (Account("48213907", "checking", Decimal("2450.75")), Account("48213915", "savings", Decimal("10300.00"))),
        (Card("debit", "4417"), Card("credit", "9062")),
    ),
    Customer("C1002", "David Chen", (Account("70352846", "checking", Decimal("318.20")),), (Card("debit", "2290"),)),
    Customer("C1003", "Maria Lopez", (Account("31620594", "savings", Decimal("8020.10")),)),
    Customer("C1004", "James Wilson", (Account("95607138", "business", Decimal("-57.04")),), (Card("credit", "6634"),)),
)

Hours = tuple[str, str]
"""Opening and closing time as they are said."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch and when it is open; a branch that opens on Sunday keeps the same hours every day."""

    name: str
    weekdays: Hours = ("nine", "five")
    saturday: Hours | None = ("nine", "noon")
    sunday: Hours | None = None

    def on(self, weekday: int) -> Hours | None:
        """The hours of a day of the week, 0 for Monday."""
        return self.weekdays if weekday < 5 else self.saturday if weekday == 5 else self.sunday


LONG: Final = ("eight in the morning", "eight at night")
USUAL: Final = Branch("")
BRANCHES: Final[Mapping[str, Branch]] = {
    branch.name: branch
    for branch in (
        Branch("main", saturday=("nine", "four")),
        Branch("city center", weekdays=("eight", "six"), saturday=("nine", "four")),
        Branch("airport", weekdays=LONG, saturday=LONG, sunday=LONG),
        Branch("college", weekdays=("ten", "six"), saturday=None),
        Branch("north hill", saturday=None),
        Branch("seattle"),
        Branch("kansas city"),
        Branch("new york", weekdays=("eight", "six")),
        Branch("washington"),
        Branch("harper valley"),
        Branch("forest ranch", weekdays=("ten", "four"), saturday=None),
    )
}


@dataclass(slots=True)
class Bank:
    """The books. Blocking a card twice is the same as blocking it once, as with a real card system."""

    customers: tuple[Customer, ...] = CUSTOMERS
    branches: Mapping[str, Branch] = field(default_factory=lambda: BRANCHES)
    blocked: set[str] = field(default_factory=set)

    def customer_with_account(self, number: str) -> Customer | None:
        """Whose account this is."""
        return next((c for c in self.customers if any(a.number == number for a in c.accounts)), None)

    def customer(self, id_: str) -> Customer | None:
        """The customer with this id."""
        return next((c for c in self.customers if c.id == id_), None)

    def block(self, customer: Customer, card: Card) -> str:
        """Block a card; the reference of the block, four digits, the same each time."""
        self.blocked.add(f"{customer.id}/{card.ending}")
        return f"{(int(customer.id[1:]) * 7919 + int(card.ending)) % 9000 + 1000}"
