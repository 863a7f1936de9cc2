"""How a text is cut into words, with and without their places in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

UNKNOWN = "\ufffd"
"""The token for a word that the recogniser could not make out."""

# Recognisers and transcribers write noises and lost words in brackets: [noise], [unk], <unk>.
_MARKS = re.compile(r"\[[a-z_ ]{1,20}\]|<[a-z_ ]{1,20}>", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# As _WORD, but $1,234.50, 9:30 and 715-139-0787 stay whole.
_TOKEN = re.compile(UNKNOWN + r"|\$?\d+(?:[.,:-]\d+)*|[^\W_]+(?:'[^\W_]+)*")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_HESITATIONS = frozenset({"um", "uh", "uhm", "umm", "er", "erm"})
_DIGITS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))

LONGEST = 1000
"""Characters of an utterance that are looked at: a minute of speech; what follows is ignored."""


@dataclass(frozen=True, slots=True)
class Token:
    """A lower-case word at characters start..end of a text."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words and figures of the first LONGEST characters, with their places.

    Marks of noises are left out; those of a word that was not recognised are tokens: UNKNOWN.
    """
    blanked = _MARKS.sub(_blank, text[:LONGEST]).translate(_APOSTROPHES)
    return [Token(match[0].lower(), match.start(), match.end()) for match in _TOKEN.finditer(blanked)]


def _blank(mark: re.Match[str]) -> str:
    kept = UNKNOWN if mark[0][1:-1].lower() == "unk" else ""
    return kept.ljust(len(mark[0]))


def words(text: str) -> list[str]:
    """The words as a recogniser would give them: lower case, figures digit by digit, no punctuation, no hesitation."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST].translate(_APOSTROPHES).lower()
    found: list[str] = []
    for word in _WORD.findall(_MARKS.sub(" ", folded)):
        if word.isascii() and word.isdigit():
            found += (_DIGITS[digit] for digit in word)
        elif word not in _HESITATIONS:
            found.append(word)
    return found


def normalise(text: str) -> str:
    """`words` as one string, separated by single spaces."""
    return " ".join(words(text))
