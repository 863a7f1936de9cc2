"""Times of day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.nlu.spoken import clock_time


@given(st.integers(0, 23), st.integers(0, 59))
def test_any_written_time_comes_back(hour: int, minute: int) -> None:
    found = clock_time(f"see you at {hour}:{minute:02} then")
    assert found is not None
    assert found.value == f"{hour:02}:{minute:02}"


@pytest.mark.parametrize(
    ("text", "value", "bare"),
    [
        ("uh eleven a m", "11:00", False),
        ("nine thirty", "09:30", True),
        ("half past three", "03:30", False),
        ("quarter to five p m", "16:45", False),
        ("9:30pm", "21:30", False),
        ("11am", "11:00", False),
        ("noon", "12:00", False),
        ("ten o'clock", "10:00", False),
        ("ten o clock", "10:00", False),
        ("nine oh five", "09:05", True),
        ("twelve a m", "00:00", False),
        ("twelve p m", "12:00", False),
        ("monday at eleven a m", "11:00", False),
        ("five in the evening", "17:00", False),
        ("ten to five", "04:50", False),
        ("at ten minutes past nine", "09:10", False),
        ("at nine a m no at ten a m", "10:00", False),
    ],
)
def test_examples(text: str, value: str, bare: bool) -> None:
    found = clock_time(text)
    assert found is not None
    assert (found.value, found.bare) == (value, bare)


@pytest.mark.parametrize(
    "text", ["", "hello", "three tickets", "o clock", "25:00", "eight seventy", "half past", "ten to"]
)
def test_no_time(text: str) -> None:
    assert clock_time(text) is None


@given(st.text(max_size=1500))
def test_any_text_is_read(text: str) -> None:
    found = clock_time(text)
    assert found is None or len(found.value) == 5
