"""Times of day: "eleven a m" -> 11:00, "half past three", "9:30pm"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.nlu.spoken.numerals import ZEROS, Read, below_hundred, digit_of
from voicebot.nlu.text import tokens

_LITERAL = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_NAMED = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
_O_CLOCK = (("o'clock",), ("o", "clock"), ("oclock",))
_AM = (("a", "m"), ("am",), ("in", "the", "morning"))
_PM = (("p", "m"), ("pm",), ("in", "the", "afternoon"), ("in", "the", "evening"), ("at", "night"))
_FILLERS = frozenset(
    {"at", "around", "about", "on", "it's", "is", "the", "uh", "um", "please", "say", "maybe", "until"}
)


@dataclass(frozen=True, slots=True)
class SpokenTime:
    """A time of day as HH:MM, and the characters of the text that say it; `bare`: a mere number."""

    value: str
    spans: tuple[tuple[int, int], ...]
    bare: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """Minutes since midnight at words start..end; `bare`: mere numbers that could be anything."""

    minutes: int
    start: int
    end: int
    bare: bool


def clock_time(text: str) -> SpokenTime | None:
    """The last time of day that a text says, or None.

    The hour is as said when no half of the day is ("three" is 03:00). Mere numbers ("nine", "nine thirty") count
    when nothing else is said.
    """
    places = tokens(text)
    words = [token.text for token in places]
    found, others = _all(words)
    chosen = [item for item in found if not item.bare] or ([] if others else found)
    if not chosen:
        return None
    last = chosen[-1]
    value = f"{last.minutes // 60:02}:{last.minutes % 60:02}"
    return SpokenTime(value, ((places[last.start].start, places[last.end - 1].end),), last.bare)


def _all(words: Sequence[str]) -> tuple[list[_Found], bool]:
    """All times, and whether there are words that say something else."""
    found: list[_Found] = []
    position, others = 0, False
    while position < len(words):
        item = _read(words, position)
        if item:
            found.append(item)
            position = item.end
        else:
            others = others or words[position] not in _FILLERS
            position += 1
    return found, others


def _read(words: Sequence[str], start: int) -> _Found | None:
    if words[start] in _NAMED:
        return _Found(_NAMED[words[start]], start, start + 1, bare=False)
    relative = _relative(words, start)
    if relative:
        return _in_half(words, relative[0], start, relative[1], bare=False)
    literal = _LITERAL.fullmatch(words[start])
    if literal:
        return _in_half(words, int(literal[1]) * 60 + int(literal[2]), start, start + 1, bare=False)
    hour = below_hundred(words, start)
    if hour is None or hour[0] > 23:
        return None
    minute = _minute(words, hour[1]) or (0, hour[1])
    return _in_half(words, hour[0] * 60 + minute[0], start, minute[1], bare=True)


def _relative(words: Sequence[str], start: int) -> Read:
    """Minutes since midnight of "half past three", "quarter to five", "ten past nine"."""
    first = words[start]
    part = 30 if first == "half" else 15 if first == "quarter" else None
    minutes = (part, start + 1) if part else below_hundred(words, start)
    if minutes is None or minutes[0] > 59:
        return None
    at = minutes[1] + (words[minutes[1] : minutes[1] + 1] == ["minutes"])
    hour = below_hundred(words, at + 1)
    if at >= len(words) or hour is None or hour[0] > 23:
        return None
    if words[at] in {"past", "after"}:
        return hour[0] * 60 + minutes[0], hour[1]
    if words[at] in {"to", "before"}:
        return (hour[0] * 60 - minutes[0]) % 1440, hour[1]
    return None


def _minute(words: Sequence[str], at: int) -> Read:
    """The minutes after an hour: "thirty", "oh five"."""
    if at + 1 < len(words) and words[at] in ZEROS:
        digit = digit_of(words[at + 1])
        return (int(digit), at + 2) if digit else None
    read = below_hundred(words, at)
    return read if read and 10 <= read[0] <= 59 else None


def _in_half(words: Sequence[str], minutes: int, start: int, end: int, *, bare: bool) -> _Found:
    """Apply "o'clock" and the half of the day that follow."""
    o_clock = _one_of(_O_CLOCK, words, end)
    end += o_clock
    am, pm = _one_of(_AM, words, end), _one_of(_PM, words, end)
    if pm and minutes < 12 * 60:
        minutes += 12 * 60
    if am and 12 * 60 <= minutes < 13 * 60:
        minutes -= 12 * 60
    return _Found(minutes, start, end + am + pm, bare and not (o_clock or am or pm))


def _one_of(phrases: Sequence[tuple[str, ...]], words: Sequence[str], at: int) -> int:
    """The length of the phrase that stands at a word, 0 for none."""
    return next((len(phrase) for phrase in phrases if tuple(words[at : at + len(phrase)]) == phrase), 0)
