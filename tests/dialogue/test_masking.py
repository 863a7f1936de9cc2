from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.masking import MASK, mask_text, mask_value

WORDS = ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my account is 12345678 thanks", f"my account is {MASK} thanks"),
        ("1234-5678 9012.3456", MASK),
        ("it's one two three four", f"it's {MASK}"),
        ("one, two, uh, three and four please", f"{MASK} please"),
        ("double five oh one", MASK),
        ("triple seven two", MASK),
        ("forty two seventeen", MASK),
        ("four one [unk] two three", MASK),
        ("Nineteen ninety-nine", MASK),
        ("a double espresso for two", "a double espresso for two"),
        ("two hundred fifty five dollars", "two hundred fifty five dollars"),
        ("one two three", "one two three"),
        ("press 1 or 2", "press 1 or 2"),
        ("", ""),
    ],
)
def test_long_runs_of_digits_are_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_in_a_sensitive_answer_every_digit_is_masked() -> None:
    assert mask_text("it is seven and no more", minimum=1) == f"it is {MASK} and no more"
    assert mask_text("double tall", minimum=1) == "double tall"


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("48213907", MASK + "3907"),
        ("1234", MASK),
        ("123456", MASK),
        ("4111111111111111", MASK),
        ("mother's maiden name", MASK),
        (12345678.0, MASK),
        (True, MASK),
        (None, None),
    ],
)
def test_only_account_numbers_keep_their_last_digits(value: str | float | bool | None, masked: str | None) -> None:
    assert mask_value(value) == masked


@given(st.text(alphabet="0123456789 -./,()ab:;_\n", max_size=60))
def test_no_written_run_survives(text: str) -> None:
    assert not re.search(r"\d\W*\d\W*\d\W*\d", mask_text(text).replace(MASK, " x ").replace("_", " "))


@given(st.lists(st.sampled_from((*WORDS, "hello", "double", "triple", "and", "uh", "7", "42")), max_size=20))
def test_no_spoken_run_survives(words: list[str]) -> None:
    run = 0
    for word in mask_text(" ".join(words)).split():
        if word in WORDS or word.isdecimal():
            run += len(word) if word.isdecimal() else 1
        elif word not in ("double", "triple", "and", "uh"):
            run = 0
        assert run < 4


@given(st.text(max_size=80))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask_text(mask_text(text)) == mask_text(text)
