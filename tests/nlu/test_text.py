"""Words and tokens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicebot.nlu.text import LONGEST, UNKNOWN, normalise, tokens, words


def test_words_are_what_a_recogniser_would_give() -> None:
    assert words("What’s my BALANCE, please? 52") == ["what's", "my", "balance", "please", "five", "two"]


def test_noises_unknown_words_and_hesitations_are_no_words() -> None:
    assert normalise("[noise] um i [unk] lost <unk> uh my card [laughter]") == "i lost my card"


def test_tokens_keep_figures_whole_and_know_their_places() -> None:
    text = "Pay $1,234.50 at 9:30pm!"
    assert [(token.text, text[token.start : token.end]) for token in tokens(text)] == [
        ("pay", "Pay"),
        ("$1,234.50", "$1,234.50"),
        ("at", "at"),
        ("9:30", "9:30"),
        ("pm", "pm"),
    ]


def test_an_unknown_word_is_a_token_in_its_place() -> None:
    found = tokens("five [unk] two [noise]")
    assert [token.text for token in found] == ["five", UNKNOWN, "two"]
    assert (found[2].start, found[2].end) == (11, 14)


@given(st.text(max_size=3000))
def test_any_text_has_ordered_tokens_within_its_first_thousand_characters(text: str) -> None:
    found = tokens(text)
    ends = [0, *(token.end for token in found)]
    assert all(end <= token.start < token.end <= LONGEST for end, token in zip(ends, found, strict=False))
    assert all(words(text))
