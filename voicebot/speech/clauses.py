"""Cuts a text where a speaker would pause, so that its first words can be spoken while the rest is synthesised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

FIRST: Final = 12
"""Characters from which on the first clause of a text stands alone."""
LONGEST: Final = 240
"""Characters after which a piece is cut even inside a clause, at a space if it has one."""

_ABBREVIATIONS: Final = frozenset(
    "mr. mrs. ms. dr. prof. st. sr. jr. vs. etc. e.g. i.e. approx. dept. est. ext. tel. inc. ltd. co. corp. "
    "a.m. p.m. u.s. u.k. jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec. z.b. bzw. ca. ggf. usw.".split()
)
_BEFORE_NUMBERS: Final = frozenset({"no.", "nos.", "nr.", "p.", "pp."})
"""Abbreviations only where a digit follows."""
_STOP: Final = re.compile(
    r"""(?<![.!?…])[.!?…]++["'”’)\]]*+\s+   # the end of a sentence, with closing marks
      | [,;:]["'”’)\]]*+\s+                # of a clause
      | \s[–—-]\s+                         # a dash between words
      | [。！？；，、]+\s*                  # the same where no space follows
      | \n\s*                              # a line
    """,
    re.VERBOSE,
)
_SENTENCE_END: Final = frozenset(".!?…。！？\n")


def split_clauses(text: str) -> list[str]:
    """The pieces of `text`; they concatenate to it and none is empty.

    The first piece ends with the first clause of at least FIRST characters, the others with a sentence, or with a
    clause where the sentence is longer than LONGEST. A number ("1,234.56"), an address and a common abbreviation
    are not cut.
    """
    pieces: list[str] = []
    start = clause = 0
    for end, is_sentence in _stops(text):
        if end - start > LONGEST:
            pieces.extend(_chop(text[start:clause]))
            start = clause
        if is_sentence or (not pieces and end - start >= FIRST):
            pieces.extend(_chop(text[start:end]))
            start = end
        clause = end
    return pieces


def _stops(text: str) -> Iterator[tuple[int, bool]]:
    """Where clauses end, and whether a sentence ends there; the last is the end of the text."""
    for match in _STOP.finditer(text):
        if match.end() == len(text) or _ends_abbreviation(text, match):
            continue
        yield match.end(), not _SENTENCE_END.isdisjoint(match.group())
    yield len(text), True


def _ends_abbreviation(text: str, match: re.Match[str]) -> bool:
    if not match.group().startswith("."):
        return False
    before = text[max(0, match.start() - 20) : match.start() + 1].rsplit(maxsplit=1)[-1].lower().lstrip("(\"'“‘[")
    if before in _BEFORE_NUMBERS:
        return text[match.end()].isdigit()
    return before in _ABBREVIATIONS or re.fullmatch(r"[^\W\d_]\.", before) is not None


def _chop(piece: str) -> Iterator[str]:
    """`piece` in lengths of at most LONGEST, cut after a space where there is one."""
    while len(piece) > LONGEST:
        cut = piece.rfind(" ", 0, LONGEST) + 1 or LONGEST
        yield piece[:cut]
        piece = piece[cut:]
    if piece:
        yield piece
