"""The features of the intent classifier: word and character n-grams, weighted as scikit-learn's TfidfVectorizer does.

The analysis and the weighting are written out here because a call of scikit-learn's costs milliseconds; a test holds
both to the same numbers. Weighting: (1 + ln tf) * idf, idf = ln((1 + n) / (1 + df)) + 1, each block of unit length
(https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from voicebot.nlu.spoken.numerals import says_digits
from voicebot.nlu.text import words

WORD_RANGE = (1, 2)
CHARACTER_RANGE = (2, 5)
_EDGES = ("^", "$")
_FEW, _MANY = "#", "##"


def classifier_text(text: str) -> str:
    """An utterance as the classifier sees it: numbers as # (three words and more: ##), its edges marked ^ and $.

    "transfer fifty dollars" -> "^ transfer # dollars $". A lone "one" or "oh" is no number.
    """
    kept: list[str] = []
    number: list[str] = []
    for word in [*words(text), ""]:
        if word in {"hundred", "thousand"} or says_digits(word):
            number.append(word)
            continue
        if number:
            kept += number if number in (["one"], ["oh"], ["o"]) else [_FEW if len(number) < 3 else _MANY]
            number = []
        kept.append(word)
    return " ".join((_EDGES[0], *kept[:-1], _EDGES[1])) if len(kept) > 1 else ""


def word_ngrams(text: str) -> list[str]:
    """Words and pairs of words of a `classifier_text`."""
    single = text.split()
    return [*single, *(f"{first} {second}" for first, second in pairwise(single))]


def character_ngrams(text: str) -> list[str]:
    """Runs of 2 to 5 characters within each word, the word padded with one space on either side (`char_wb`)."""
    least, most = CHARACTER_RANGE
    found: list[str] = []
    for word in text.split():
        padded = f" {word} "
        for length in range(least, most + 1):
            found += (padded[at : at + length] for at in range(max(1, len(padded) - length + 1)))
            if len(padded) <= length:
                break
    return found


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of n-grams: how a text is cut, the column and the weight of each n-gram of the vocabulary."""

    analyse: Callable[[str], list[str]]
    vocabulary: Mapping[str, int]
    idf: npt.NDArray[np.float64]

    def weigh(self, text: str) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """The columns of the n-grams that occur in `text`, and their weights."""
        counts = Counter(column for gram in self.analyse(text) if (column := self.vocabulary.get(gram)) is not None)
        columns = np.fromiter(counts, dtype=np.intp, count=len(counts))
        weights = (1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * self.idf[columns]
        length = float(np.sqrt(weights @ weights))
        return columns, weights / length if length else weights

    def known(self, grams: Sequence[str]) -> float:
        """The share of `grams` that is in the vocabulary."""
        return sum(gram in self.vocabulary for gram in grams) / len(grams) if grams else 0.0
