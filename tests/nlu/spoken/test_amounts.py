"""Sums of money."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nlu.spoken.test_digit_strings import TEENS, TENS, UNITS
from voicebot.nlu.spoken import amount


def cardinal_words(number: int, joint: str) -> str:
    """A number below a million in words; `joint` stands between hundreds and the rest."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        head = f"{cardinal_words(thousands, joint)} thousand"
        return f"{head} {cardinal_words(rest, joint)}" if rest else head
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        head = f"{UNITS[hundreds]} hundred"
        return f"{head}{joint}{cardinal_words(rest, joint)}" if rest else head
    if number >= 20:
        return TENS[number // 10] + (f" {UNITS[number % 10]}" if number % 10 else "")
    return TEENS[number - 10] if number >= 10 else UNITS[number]


@given(st.integers(1, 999_999), st.integers(0, 99), st.sampled_from([" ", " and "]))
def test_any_sum_comes_back_from_its_words(dollars: int, cents: int, joint: str) -> None:
    said = f"the amount is {cardinal_words(dollars, joint)} dollars"
    if cents:
        said += f" and {cardinal_words(cents, joint)} cents"
    found = amount(said)
    assert found is not None
    assert found.value == Decimal(dollars) + Decimal(cents) / 100
    start, end = found.spans[0]
    assert said[start:end] == said.removeprefix("the amount is ")


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_any_written_sum_comes_back(dollars: int, cents: int) -> None:
    found = amount(f"${dollars:,}.{cents:02}")
    assert found is not None
    assert found.value == Decimal(dollars) + Decimal(cents) / 100


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a hundred and six dollars", "106"),
        ("uh the amount of the bill is one hundred and thirteen dollars", "113"),
        ("fifty dollars no sixty dollars", "60"),
        ("fifty cents", "0.5"),
        ("the amount is one thirty five", "135"),
        ("twelve hundred bucks", "1200"),
        ("ten point five dollars", "10.5"),
        ("2 thousand", "2000"),
        ("five dollars fifty cents", "5.5"),
    ],
)
def test_examples(text: str, value: str) -> None:
    found = amount(text)
    assert found is not None
    assert found.value == Decimal(value)


@pytest.mark.parametrize("text", ["", "hello", "between fifty and sixty", "twelve fifty", "dollars"])
def test_no_sum_or_several(text: str) -> None:
    assert amount(text) is None


@given(st.text(max_size=1500))
def test_any_text_is_read(text: str) -> None:
    found = amount(text)
    assert found is None or found.value >= 0
