"""Sums of money: "a hundred and six dollars", "twelve dollars and fifty cents", "$1,234.50"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from voicebot.nlu.lexicon import lexicon
from voicebot.nlu.spoken.numerals import Read, below_hundred, cardinal, digit_of, is_round
from voicebot.nlu.text import tokens

_CURRENCY = frozenset({"dollar", "dollars", "buck", "bucks", "usd", "euro", "euros", "pound", "pounds"})
_CENTS = frozenset({"cent", "cents"})
_LITERAL = re.compile(r"(?P<sign>\$)?(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(?P<cents>\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class SpokenAmount:
    """A sum in units of the currency, and the characters of the text that say it; `named`: with its currency."""

    value: Decimal
    spans: tuple[tuple[int, int], ...]
    named: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A number of the text: its value, words start..end, and whether a currency was named."""

    value: Decimal
    start: int
    end: int
    currency: bool


def amount(text: str) -> SpokenAmount | None:
    """The sum that a text says; after a correction ("no", "sorry") the last one. None when there is none or several.

    A number without a currency counts when it is the only one: "the amount is one thirty five" is 135.
    """
    token_list = tokens(text)
    words = [token.text for token in token_list]
    found = _all(words)
    candidates = [item for item in found if item.currency] or found
    if not candidates or len({item.value for item in candidates}) != 1:
        return None
    chosen = candidates[-1]
    span = token_list[chosen.start].start, token_list[chosen.end - 1].end
    return SpokenAmount(chosen.value, (span,), chosen.currency)


def _all(words: Sequence[str]) -> list[_Found]:
    """All numbers after the last correction that is followed by one."""
    phrases = lexicon("en")
    found: list[_Found] = []
    position, corrected = 0, False
    while position < len(words):
        repair = phrases.repairs.match(words, position)
        item = None if repair else _read(words, position)
        if item:
            found = [item] if corrected else [*found, item]
            corrected = False
            position = item.end
        else:
            corrected = corrected or bool(repair)
            position += max(1, repair)
    return found


def _read(words: Sequence[str], start: int) -> _Found | None:
    literal = _LITERAL.fullmatch(words[start])
    if literal and words[start].isascii():
        value = Decimal(literal["whole"].replace(",", "") + "." + (literal["cents"] or "0"))
        at, currency = start + 1, bool(literal["sign"])
        scaled = cardinal(words, start) if is_round(words, start) else None
        if scaled:
            value, at = Decimal(scaled[0]), scaled[1]
    else:
        read = cardinal(words, start) if is_round(words, start) else _colloquial(words, start)
        if read is None:
            return None
        value, at, currency = Decimal(read[0]), read[1], False
    return _with_cents(words, value, start, at, currency)


def _with_cents(words: Sequence[str], value: Decimal, start: int, at: int, currency: bool) -> _Found:
    """Add what follows the whole part: a currency, "and fifty cents", "point five"."""
    if words[at : at + 1] and words[at] in _CENTS:
        return _Found(value / 100, start, at + 1, currency=True)
    if words[at : at + 1] == ["point"]:
        fraction = _point(words, at + 1)
        if fraction:
            value, at = value + fraction[0], fraction[1]
    if at < len(words) and words[at] in _CURRENCY:
        at, currency = at + 1, True
        cents = below_hundred(words, at + 1 if words[at : at + 1] == ["and"] else at)
        if cents and cents[1] < len(words) and words[cents[1]] in _CENTS:
            value, at = value + Decimal(cents[0]) / 100, cents[1] + 1
    return _Found(value, start, at, currency)


def _point(words: Sequence[str], at: int) -> tuple[Decimal, int] | None:
    """One or two digits after "point"."""
    said = [digit for digit in map(digit_of, words[at : at + 2]) if digit]
    return (Decimal("0." + "".join(said)), at + len(said)) if said else None


def _colloquial(words: Sequence[str], start: int) -> Read:
    """Numbers without "hundred": "one thirty five" is 135, "one three five" too; else below a hundred, or zero."""
    first = digit_of(words[start])
    if first is None:
        return below_hundred(words, start)
    rest = below_hundred(words, start + 1)
    if first != "0" and rest and rest[0] > 9:
        return int(first) * 100 + rest[0], rest[1]
    end = start
    while end < len(words) and end - start < 9 and digit_of(words[end]):
        end += 1
    return int("".join(digit_of(word) or "" for word in words[start:end])), end
