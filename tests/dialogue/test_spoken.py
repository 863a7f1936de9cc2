from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.events import SlotValue
from voicebot.dialogue.spoken import cardinal, digits, spoken, written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("48213907", "4 8 2 1, 3 9 0 7"),
        ("4417", "4 4 1 7"),
        ("123", "1 2 3"),
        ("12345", "1 2 3, 4 5"),
        ("1234567", "1 2 3, 4 5 6 7"),
        ("1234567890", "1 2 3, 4 5 6, 7 8 9 0"),
        ("42", "42"),
        ("$1,234.50", "one thousand two hundred thirty four dollars and fifty cents"),
        ("$1.00", "one dollar"),
        ("$0.01", "one cent"),
        ("$0.00", "zero dollars"),
        ("-$57.04", "minus fifty seven dollars and four cents"),
        ("£2.02", "two pounds and two pence"),
        ("€1000000", "one million euros"),
        ("Rome", "Rome"),
        (3.0, "3"),
        (2.5, "2.5"),
        (True, "yes"),
        (False, "no"),
        (None, ""),
    ],
)
def test_values(value: SlotValue, text: str) -> None:
    assert spoken(value) == text


def test_written_values_stay_as_they_are() -> None:
    assert written("$1,234.50") == "$1,234.50"
    assert written("48213907") == "48213907"
    assert written(3.0) == "3"


@given(st.text(alphabet="0123456789", min_size=3, max_size=30))
def test_digits_are_all_said_in_groups_of_two_to_four(number: str) -> None:
    said = digits(number)
    assert said.replace(" ", "").replace(",", "") == number
    assert all(2 <= len(group.split()) <= 4 for group in said.split(", "))


@given(st.integers(0, 10**13))
def test_cardinals_can_be_read_back(number: int) -> None:
    assert read(cardinal(number).split()) == number


def read(words: list[str]) -> int:
    """The number that English words say."""
    small = {cardinal(n): n for n in [*range(20), *range(20, 100, 10)]}
    total, current = 0, 0
    for word in words:
        if word == "hundred":
            current *= 100
        elif word in ("thousand", "million", "billion"):
            scale = {"thousand": 1000, "million": 10**6, "billion": 10**9}[word]
            total = (total + current) * scale if scale == 10**9 else total + current * scale
            current = 0
        else:
            current += small[word]
    return total + current
