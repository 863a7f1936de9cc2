"""Dictated numbers: account, card and telephone numbers, zip codes. Digits in, digits out, leading zeros kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voicebot.nlu.lexicon import lexicon
from voicebot.nlu.spoken.numerals import REPEATS, below_hundred, cardinal, digit_of, is_round, says_digits
from voicebot.nlu.text import Token, tokens

_CONFUSIONS = {
    "a": "eight", "ate": "eight", "hate": "eight", "to": "two", "too": "two", "tu": "two", "for": "four",
    "fore": "four", "fine": "five", "fife": "five", "won": "one", "nein": "nine", "sex": "six", "tree": "three",
}  # fmt: skip
_LITERAL = re.compile(r"\d+(?:[,:-]\d+)*")
_FEWEST_AMONG_WORDS = 3
"""Among words that say no number, fewer digits than these are not a dictated number ("i have two accounts")."""


@dataclass(frozen=True, slots=True)
class SpokenDigits:
    """A dictated number and the characters of the text that say it, as (start, end) of each stretch."""

    digits: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Group:
    digits: str
    start: int
    end: int


def digits(text: str, *, confusions: bool = False) -> SpokenDigits | None:
    """The number that a text dictates, or None.

    Understood are single digits ("oh" is zero), "double" and "triple", teens and tens ("eight seventy one" is 871),
    hundreds and thousands, and literal digits. Words around and between the digits that say nothing ("um", "my
    account number is") are skipped; after a correction ("no", "sorry") the last value wins; a correction without
    a new value takes the number back. Among other words the longest stretch of at least three digits counts.

    `confusions`: next to digits, words that recognisers hear instead of digits ("to", "for", "ate") are digits.
    """
    found = tokens(text)
    words = [token.text for token in found]
    if confusions:
        words = _without_confusions(words)
    scan = _Scan(words)
    scan.run()
    groups = scan.number()
    if groups is None:
        return None
    return SpokenDigits("".join(group.digits for group in groups), _spans(groups, found))


def digits_within(text: str, least: int, most: int) -> SpokenDigits | None:
    """The number of `least` to `most` digits that a text dictates: as said, else with confusions undone.

    When neither reading has that length, the first that is a number at all, so that the caller can be told.
    """
    readings = [reading for reading in (digits(text), digits(text, confusions=True)) if reading]
    fitting = (reading for reading in readings if least <= len(reading.digits) <= most)
    return next(fitting, readings[0] if readings else None)


class _Scan:
    """Reads words from left to right into runs of digit groups; a word that says nothing known ends a run."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._runs: list[list[_Group]] = [[]]
        self._other_words = False
        self._taken_back = False

    def run(self) -> None:
        phrases = lexicon("en")
        position = 0
        while position < len(self._words):
            repair = phrases.repairs.match(self._words, position)
            filler = phrases.number_fillers.match(self._words, position)
            group = _group(self._words, position)
            if repair:
                self._take_back()
                position += repair
            elif filler and not (group and filler == 1):
                position += filler
            elif group:
                self._runs[-1].append(group)
                self._taken_back = False
                position = group.end
            else:
                self._other_words = True
                self._runs.append([])
                position += 1

    def number(self) -> list[_Group] | None:
        """The groups of the number that was said, if one was."""
        best = max(reversed(self._runs), key=_length)
        if self._taken_back or not best or (self._other_words and _length(best) < _FEWEST_AMONG_WORDS):
            return None
        return best

    def _take_back(self) -> None:
        if any(self._runs):
            self._taken_back = True
            self._runs = [[]]


def _length(run: list[_Group]) -> int:
    return sum(len(group.digits) for group in run)


def _group(words: list[str], start: int) -> _Group | None:
    """The digits that begin at a word: "double two", "seventy one", "three hundred", "5", "12-34"."""
    word = words[start]
    if _LITERAL.fullmatch(word) and word.isascii():
        return _Group(re.sub(r"\D", "", word), start, start + 1)
    if word in REPEATS:
        return _repeated(words, start)
    if is_round(words, start):
        read = cardinal(words, start, digitwise=True)
    else:
        read = None if digit_of(word) else below_hundred(words, start)
    if read:
        return _Group(str(read[0]), start, read[1])
    digit = digit_of(word)
    return _Group(digit, start, start + 1) if digit else None


def _repeated(words: list[str], start: int) -> _Group | None:
    following = words[start + 1] if start + 1 < len(words) else ""
    digit = following if len(following) == 1 and following in "0123456789" else digit_of(following)
    return _Group(digit * REPEATS[words[start]], start, start + 2) if digit else None


def _without_confusions(words: list[str]) -> list[str]:
    """Replace confusable words that touch a digit, or another replaced word, by the digit they stand for."""
    if all(word in _CONFUSIONS or says_digits(word) for word in words):
        return [_CONFUSIONS.get(word, word) for word in words]
    replaced = list(words)
    for order in (range(len(words)), reversed(range(len(words)))):
        for at in order:
            neighbours = replaced[max(0, at - 1) : at] + replaced[at + 1 : at + 2]
            if replaced[at] in _CONFUSIONS and any(map(says_digits, neighbours)):
                replaced[at] = _CONFUSIONS[replaced[at]]
    return replaced


def _spans(groups: list[_Group], found: list[Token]) -> tuple[tuple[int, int], ...]:
    """The characters of the groups; groups that follow each other directly make one span."""
    spans: list[tuple[int, int]] = []
    previous_end = -1
    for group in groups:
        start, end = found[group.start].start, found[group.end - 1].end
        if group.start == previous_end:
            start = spans.pop()[0]
        spans.append((start, end))
        previous_end = group.end
    return tuple(spans)
