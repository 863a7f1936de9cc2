"""Hides account, card and PIN numbers, written or spoken, before anything is stored, logged or shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from voicebot.dialogue.events import SlotValue

MASK: Final = "••••"

_UNITS: Final = frozenset(
    ("zero", "oh", "o", "nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "niner")
)
_TENS: Final = frozenset(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"))
_TEENS: Final = frozenset(
    ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
)
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}
_NUMBERS: Final = _UNITS | _TENS | _TEENS | frozenset(_TIMES)
_FILLERS: Final = frozenset(("and", "uh", "um", "er", "erm", "hm", "then", "dash", "hyphen", "dot", "point", "unk"))
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")


def mask_value(value: SlotValue) -> SlotValue:
    """A sensitive value as it may be shown: the last 4 digits of an account number of 7 to 12 digits, else nothing.

    PINs (shorter) and card numbers (longer) are masked wholly.
    """
    if value is None:
        return None
    if isinstance(value, str) and value.isdecimal() and 7 <= len(value) <= 12:
        return MASK + value[-4:]
    return MASK


def mask_text(text: str, *, minimum: int = 4) -> str:
    """`text` with every run of at least `minimum` digits replaced by one mask.

    A run may be written ("1234-5678") or spoken ("one two double oh"), with pauses, punctuation and
    fillers inside; "forty two" counts as two digits. Works for English number words.
    """
    pieces: list[str] = []
    end = 0
    for run in _runs(text):
        if run.digits >= minimum:
            pieces += [text[end : run.start], MASK]
            end = run.end
    return "".join([*pieces, text[end:]])


@dataclass(slots=True)
class _Run:
    """Digits that follow each other: where in the text, how many."""

    start: int
    end: int
    digits: int = 0
    last: str = ""

    def add(self, token: str, end: int) -> None:
        """Count a token that says digits."""
        self.digits += _TIMES.get(self.last, 1) * _count(token, self.last)
        self.last = token
        self.end = end


def _runs(text: str) -> Iterator[_Run]:
    """The runs of digits in `text`, in order; "double" and "triple" belong to the run that they begin."""
    run: _Run | None = None
    for match in _TOKEN.finditer(text):
        token = match.group().lower()
        if token in _FILLERS:
            continue
        if not (token.isdecimal() or token in _NUMBERS):
            if run is not None:
                yield run
            run = None
            continue
        run = run or _Run(match.start(), match.end())
        run.add(token, match.end())
    if run is not None:
        yield run


def _count(token: str, before: str) -> int:
    """Digits that a token stands for after the token `before`: the "two" of "forty two" adds none."""
    if token.isdecimal():
        return len(token)
    if token in _TIMES or (before in _TENS and token in _UNITS):
        return 0
    return 2 if token in _TENS or token in _TEENS else 1
