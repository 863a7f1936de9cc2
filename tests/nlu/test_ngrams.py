"""The features: the same n-grams that scikit-learn cuts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from voicebot.nlu.ngrams import CHARACTER_RANGE, WORD_RANGE, character_ngrams, classifier_text, word_ngrams

TEXTS = st.text("ab cd'é#^$ \t", max_size=60)


@given(TEXTS)
def test_words_are_cut_as_scikit_learn_does(text: str) -> None:
    analyse = TfidfVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=WORD_RANGE)
    assert word_ngrams(text) == analyse.build_analyzer()(text)


@given(TEXTS)
def test_characters_are_cut_as_scikit_learn_does(text: str) -> None:
    analyse = TfidfVectorizer(analyzer="char_wb", lowercase=False, ngram_range=CHARACTER_RANGE)
    assert character_ngrams(text) == analyse.build_analyzer()(text)


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("Transfer fifty dollars", "^ transfer # dollars $"),
        ("five two two oh seven", "^ ## $"),
        ("52207", "^ ## $"),
        ("send me a new one", "^ send me a new one $"),
        ("a hundred and six", "^ a # and # $"),
        ("", ""),
        ("um [noise]", ""),
    ],
)
def test_numbers_and_edges_are_marked(text: str, prepared: str) -> None:
    assert classifier_text(text) == prepared
