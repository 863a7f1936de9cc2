"""The fixed phrases."""

from __future__ import annotations

import dataclasses

import pytest

from voicebot.nlu.lexicon import Phrases, lexicon
from voicebot.nlu.text import tokens


def test_the_longest_phrase_matches() -> None:
    phrases = Phrases.of(["that's", "that's not right", "right"])
    assert phrases.match("well that's not right".split(), 1) == 3
    assert phrases.match("well that's not wrong".split(), 1) == 1
    assert phrases.match("well".split(), 0) == 0


def test_no_phrase_means_both_yes_and_no() -> None:
    known = lexicon()
    yes = known.affirm.phrases | known.affirm_alone.phrases
    no = known.deny.phrases | known.deny_alone.phrases
    assert not yes & no


def test_every_phrase_can_be_met_in_a_text() -> None:
    for field in dataclasses.fields(lexicon()):
        for text in getattr(lexicon(), field.name).texts():
            assert [token.text for token in tokens(text)] == text.split()


@pytest.mark.parametrize("language", ["xx", "../en", ""])
def test_a_language_without_lexicon_is_named(language: str) -> None:
    with pytest.raises(LookupError, match=f"no lexicon for the language '{language}'"):
        lexicon(language)
