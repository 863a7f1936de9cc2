"""Dictated numbers: any digits, said in any of the usual ways, come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.nlu.spoken import digits, digits_within

UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
FILLERS = ["um", "it's", "my account number is", "and", "okay", "one moment", "dash", "please", "uh"]


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str]:
    """Digits and a way to say them: singly, doubled, in pairs, in hundreds, literally, with words that say nothing."""
    value = draw(st.text("0123456789", min_size=1, max_size=16))
    said: list[str] = []
    at = 0
    while at < len(value):
        ways = [(1, draw(st.sampled_from(["zero", "oh", "o"])) if value[at] == "0" else UNITS[int(value[at])])]
        pair, triple = value[at : at + 2], value[at : at + 3]
        ways.append((len(pair), pair))
        if len(pair) == 2:
            ways += _pair_ways(pair, value[at + 2 : at + 3])
        if len(triple) == 3 and len(set(triple)) == 1:
            ways.append((3, f"triple {UNITS[int(triple[0])]}"))
        if len(triple) == 3 and triple[0] != "0" and triple[1:] == "00" and at + 3 == len(value):
            ways.append((3, f"{UNITS[int(triple[0])]} hundred"))
        taken, words = draw(st.sampled_from(ways))
        said.append(words)
        if draw(st.integers(0, 9)) == 0:
            said.append(draw(st.sampled_from(FILLERS)))
        at += taken
    return value, " ".join(said)


def _pair_ways(pair: str, following: str) -> list[tuple[int, str]]:
    ways = []
    if pair[0] == pair[1]:
        ways.append((2, f"double {UNITS[int(pair[0])]}"))
    if pair[0] == "1":
        ways.append((2, TEENS[int(pair[1])]))
    elif pair[0] != "0" and pair[1] != "0":
        ways.append((2, f"{TENS[int(pair[0])]} {UNITS[int(pair[1])]}"))
    elif pair[0] != "0" and following in ("", "0"):  # "twenty five" would be 25, not 20 and 5
        ways.append((2, TENS[int(pair[0])]))
    return ways


@given(spelled())
def test_any_digits_come_back_from_any_way_of_saying_them(case: tuple[str, str]) -> None:
    value, said = case
    found = digits(said)
    assert found is not None
    assert found.digits == value


@given(spelled())
def test_the_spans_are_the_words_that_say_the_number(case: tuple[str, str]) -> None:
    value, said = case
    found = digits(f"my card is {said} thank you")
    assert found is not None
    text = f"my card is {said} thank you"
    again = digits(" ".join(text[start:end] for start, end in found.spans))
    assert again is not None
    assert again.digits == value
    assert digits("".join(" " * (end - start) for start, end in found.spans)) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("five double two oh seven", "52207"),
        ("eight seventy one", "871"),
        ("um my account number is five two two oh seven please", "52207"),
        ("12 34", "1234"),
        ("715-139-0787", "7151390787"),
        ("one two three no four five six", "456"),
        ("one two three oh i'm sorry four five six", "456"),
        ("no it's five two two", "522"),
        ("eight hundred five five five one two one two", "8005551212"),
        ("eight hundred five", "805"),
        ("five hundred twenty two", "522"),
        ("two thousand and five", "2005"),
        ("nine ten first street", "910"),
        ("my last four digits are one two three four", "1234"),
        ("seven eight three eleven", "78311"),
        ("five two two oh seven and i want to check my balance", "52207"),
        ("oh", "0"),
    ],
)
def test_examples(text: str, value: str) -> None:
    found = digits(text)
    assert found is not None
    assert found.digits == value


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "i have two accounts", "five two [unk] oh seven", "one two three no", "two four sides",
        "double", "one moment please", "yes", "hundred", "²³",
    ],
)  # fmt: skip
def test_no_number(text: str) -> None:
    assert digits(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("five two to ate seven", "52287"),
        ("for one nine one two", "41912"),
        ("too", "2"),
        ("five fine two to a", "55228"),
    ],
)
def test_confusions_are_undone_when_asked(text: str, value: str) -> None:
    found = digits(text, confusions=True)
    assert found is not None
    assert found.digits == value


def test_confusions_away_from_digits_stay_words() -> None:
    found = digits("i want to pay a bill for five two two oh seven", confusions=True)
    assert found is not None
    assert found.digits.endswith("52207")
    assert digits("to pay for a friend", confusions=True) is None


def test_confusions_are_undone_when_only_then_the_length_fits() -> None:
    exact, mended = digits_within("five two two oh seven", 5, 5), digits_within("five two to oh seven", 5, 5)
    assert exact is not None
    assert mended is not None
    assert exact.digits == mended.digits == "52207"
    short = digits_within("five two two", 5, 5)
    assert short is not None
    assert short.digits == "522"
    assert digits_within("hello", 5, 5) is None


@given(st.text(max_size=2000), st.booleans())
def test_any_text_is_read(text: str, confusions: bool) -> None:
    found = digits(text, confusions=confusions)
    assert found is None or (found.digits.isdigit() and found.digits.isascii())
