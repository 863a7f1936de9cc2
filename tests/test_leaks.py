"""The search for account numbers finds them, or tests of privacy would prove nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.leaks import leaks, leaks_in_files


@pytest.mark.parametrize(
    "text",
    [
        "70352846",
        "my number is 7035-2846.",
        "it ends in 0352846",
        "seven zero three five two eight four six",
        "Seven, oh, three, five, two",
        '"7","0","3","5","2","8","4"',
        "{seven zero three five two}",
    ],
)
def test_a_number_is_found(text: str, tmp_path: Path) -> None:
    assert leaks("70352846", text)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "some.bin").write_bytes(b"\0\xff" + text.encode() + b"\xff")
    assert leaks_in_files("70352846", tmp_path) == [str(tmp_path / "below" / "some.bin")]
    assert not leaks_in_files("70352846", tmp_path, but=("below",))


@pytest.mark.parametrize("text", ["••••2846", "48213907", "two eight four six", "7035", "2026-05-03T05:28:46"])
def test_what_is_masked_or_something_else_is_none(text: str) -> None:
    assert not leaks("70352846", text)
