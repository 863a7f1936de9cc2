"""How slot values are read aloud: numbers digit by digit in groups, sums of money in words. English."""

from __future__ import annotations

import re
from typing import Final

from voicebot.dialogue.events import SlotValue

_MONEY: Final = re.compile(r"(-)?([$€£])(\d{1,3}(?:,\d{3})*|\d{1,12})(?:\.(\d\d))?")
_CURRENCIES: Final = {"$": ("dollar", "cent"), "€": ("euro", "cent"), "£": ("pound", "penny")}
_PLURALS: Final = {"penny": "pence"}
_BELOW_20: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))


def written(value: SlotValue) -> str:
    """A slot value as it is written."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def spoken(value: SlotValue) -> str:
    """A slot value as it is said: "48213907" -> "4 8 2 1, 3 9 0 7"; "$12.50" -> "twelve dollars and fifty cents"."""
    text = written(value)
    if isinstance(value, str) and value.isdecimal() and len(value) >= 3:
        return digits(value)
    match = _MONEY.fullmatch(text)
    return _money(match) if match else text


def digits(number: str) -> str:
    """The digits of a number one by one, with a pause after each group of four or three."""
    size = 4 if len(number) % 4 == 0 else 3
    starts = list(range(0, len(number), size))
    if len(starts) > 1 and len(number) - starts[-1] == 1:
        starts.pop()
    ends = [*starts[1:], len(number)]
    return ", ".join(" ".join(number[start:end]) for start, end in zip(starts, ends, strict=True))


def cardinal(number: int) -> str:
    """A whole number from 0 in words."""
    for size, name in _SCALES:
        if number >= size:
            rest = f" {cardinal(number % size)}" if number % size else ""
            return f"{cardinal(number // size)} {name}{rest}"
    if number < 20:
        return _BELOW_20[number]
    unit = f" {_BELOW_20[number % 10]}" if number % 10 else ""
    return _TENS[number // 10] + unit


def _money(match: re.Match[str]) -> str:
    sign, symbol, whole, hundredths = match.groups()
    unit, part = _CURRENCIES[symbol]
    units, parts = int(whole.replace(",", "")), int(hundredths or 0)
    said = [_count(units, unit)] if units or not parts else []
    said += [_count(parts, part)] if parts else []
    return ("minus " if sign else "") + " and ".join(said)


def _count(number: int, thing: str) -> str:
    return f"{cardinal(number)} {thing if number == 1 else _PLURALS.get(thing, thing + 's')}"
