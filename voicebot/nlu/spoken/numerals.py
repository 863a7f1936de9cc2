"""English number words and the grammar of cardinals ("two hundred and five", "twenty five hundred")."""

from __future__ import annotations

from collections.abc import Sequence

UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "niner": 9,
}  # fmt: skip
ZEROS = frozenset({"zero", "oh", "o", "nought", "naught"})
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
REPEATS = {"double": 2, "triple": 3, "treble": 3}
_SCALES = {"thousand": 1_000, "million": 1_000_000}

Read = tuple[int, int] | None
"""A value and the index of the word after it, or None."""


def digit_of(word: str) -> str | None:
    """The digit that a single word says: "seven" -> "7", "oh" -> "0"; literal digits are not words."""
    if word in ZEROS:
        return "0"
    return str(UNITS[word]) if word in UNITS else None


def below_hundred(words: Sequence[str], start: int) -> Read:
    """Read 1..99 at `start`: "five", "twelve", "twenty two", or a literal of at most two digits."""
    if start >= len(words):
        return None
    word = words[start]
    if word in TENS:
        unit = UNITS.get(words[start + 1]) if start + 1 < len(words) else None
        return (TENS[word] + unit, start + 2) if unit else (TENS[word], start + 1)
    value = UNITS.get(word) or TEENS.get(word)
    if value is None and word.isascii() and word.isdigit() and len(word) <= 2:
        value = int(word)
    return (value, start + 1) if value else None


def cardinal(words: Sequence[str], start: int, *, digitwise: bool = False) -> Read:
    """Read a number at `start`: below a hundred, or with hundreds, thousands and millions.

    `digitwise`: within a dictated number a single digit after a round number belongs to it only when it is the
    last one: "eight hundred five" is 805, but "eight hundred five five five" is 800 and 555.
    """
    total, at, found = 0, start, False
    for scale in (*sorted(_SCALES, key=_SCALES.__getitem__, reverse=True), None):
        part = _below_thousand(words, _skip_and(words, at) if found else at, digitwise=digitwise)
        if part is None:
            break
        value, after = part
        if scale is None:
            if found and digitwise and not _joins(words, at, part):
                break
            total, at, found = total + value, after, True
        elif after < len(words) and words[after] == scale:
            total, at, found = total + value * _SCALES[scale], after + 1, True
    return (total, at) if found else None


def is_round(words: Sequence[str], start: int) -> bool:
    """Whether a number at `start` is said with "hundred", "thousand" or "million"."""
    read = cardinal(words, start)
    return read is not None and any(word in _SCALES or word == "hundred" for word in words[start : read[1]])


def _below_thousand(words: Sequence[str], start: int, *, digitwise: bool) -> Read:
    """Read up to 9999 in hundreds: "five hundred", "twenty five hundred and six", or below a hundred."""
    if start + 1 < len(words) and words[start] in {"a", "an"} and words[start + 1] in {"hundred", *_SCALES}:
        head: Read = (1, start + 1)
    else:
        head = below_hundred(words, start)
    if head is None or head[1] >= len(words) or words[head[1]] != "hundred":
        return head
    value, at = head[0] * 100, head[1] + 1
    rest = below_hundred(words, _skip_and(words, at))
    if rest is None or (digitwise and not _joins(words, at, rest)):
        return value, at
    return value + rest[0], rest[1]


def _skip_and(words: Sequence[str], at: int) -> int:
    return at + 1 if at < len(words) and words[at] == "and" else at


def _joins(words: Sequence[str], at: int, part: tuple[int, int]) -> bool:
    """Whether what follows a round number belongs to it, in a dictated number."""
    value, after = part
    if words[at] == "and" or value > 9:
        return True
    return after >= len(words) or not says_digits(words[after])


def says_digits(word: str) -> bool:
    """Whether a word alone is part of a number."""
    if word in REPEATS or word in TEENS or word in TENS or digit_of(word) is not None:
        return True
    return word.isascii() and word.isdigit()
