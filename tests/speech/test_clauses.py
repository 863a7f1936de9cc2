from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.clauses import LONGEST, split_clauses

SPOKEN = st.lists(
    st.one_of(
        st.sampled_from(["Hello", "1,234.56", "https://a.example/c,d?e=f.", "Mr.", "e.g.", "yes", "...", "é", "😀"]),
        st.sampled_from([" ", ", ", ". ", "! ", " - ", "\n", "\t", "。", "，", '." ', "; "]),
        st.text(max_size=8),
    ),
    max_size=60,
).map("".join)


@given(SPOKEN)
def test_pieces_concatenate_to_the_text(text: str) -> None:
    pieces = split_clauses(text)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= LONGEST for piece in pieces)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Hello.", ["Hello."]),
        ("Welcome back. How can I help?", ["Welcome back. ", "How can I help?"]),
        ("Thank you for calling, good bye.", ["Thank you for calling, ", "good bye."]),
        ("Yes, it is open.", ["Yes, it is open."]),
        ("Yes, it is open, until five. Good bye.", ["Yes, it is open, ", "until five. ", "Good bye."]),
        ("Your balance is 1,234.56 dollars, okay?", ["Your balance is 1,234.56 dollars, ", "okay?"]),
        ("See https://a.example/c,d.e?f now", ["See https://a.example/c,d.e?f now"]),
        ("Mr. Smith, e.g. No. 5 St. James", ["Mr. Smith, e.g. No. 5 St. James"]),
        ("Say yes or no. Then wait.", ["Say yes or no. ", "Then wait."]),
        ("你好。再见，朋友", ["你好。", "再见，朋友"]),
    ],
)
def test_where_a_text_is_cut(text: str, pieces: list[str]) -> None:
    assert split_clauses(text) == pieces


def test_a_long_sentence_is_cut_at_clauses_and_a_long_clause_at_spaces() -> None:
    assert all(piece.endswith(", ") for piece in split_clauses("well then, " * 100)[:-1])
    assert all(piece.endswith(" ") for piece in split_clauses("word " * 200)[:-1])


@pytest.mark.parametrize("text", ["." * 100_000, "a." * 50_000, " -" * 50_000, "'" * 100_000, "\n" * 100_000])
def test_no_text_takes_long(text: str) -> None:
    began = time.perf_counter()
    assert "".join(split_clauses(text)) == text
    assert time.perf_counter() - began < 2
