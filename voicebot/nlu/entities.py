"""Entities: a conditional random field finds them in context, gazetteers and spoken numbers where it is silent.

Values are normalised: numbers to digits, amounts to 135.00, times to HH:MM, all else through the synonyms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from voicebot.nlu.interpreter import Entity
from voicebot.nlu.lexicon import lexicon
from voicebot.nlu.spoken import amount, clock_time, digits
from voicebot.nlu.spoken.numerals import TEENS, TENS, digit_of
from voicebot.nlu.text import Token, tokens

OUTSIDE = "O"
_LONG_NUMBER = 4
"""Digits from which on a number counts as an entity although the context says nothing about it."""

Features = list[str]


class Tagger(Protocol):
    """What is used of pycrfsuite.Tagger."""

    def tag(self, xseq: Sequence[Features]) -> list[str]:
        """A label for every token."""
        ...


def _digits_value(text: str) -> str | None:
    found = digits(text)
    return found.digits if found else None


def _amount_value(text: str) -> str | None:
    found = amount(text)
    return f"{found.value:.2f}" if found else None


def _time_value(text: str) -> str | None:
    found = clock_time(text)
    return found.value if found else None


NUMERIC: Mapping[str, Callable[[str], str | None]] = {
    "number": _digits_value,
    "account_number": _digits_value,
    "amount": _amount_value,
    "time": _time_value,
}
"""Entities whose value is read from spoken numbers; a span that says none is no such entity."""


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Known phrases (lower-case words) and their entities.

    `certain` phrases mean their entity wherever they stand; the others ("main", "gas"), which training data also has
    without annotation, only where the CRF says so.
    """

    entities: Mapping[tuple[str, ...], str]
    certain: frozenset[tuple[str, ...]]
    longest: int

    def matches(self, words: Sequence[str]) -> list[tuple[int, int, str]]:
        """The longest known phrases from left to right: words start..end and the entity."""
        found: list[tuple[int, int, str]] = []
        at = 0
        while at < len(words):
            length = self._length_at(words, at)
            if length:
                found.append((at, at + length, self.entities[tuple(words[at : at + length])]))
            at += max(1, length)
        return found

    def _length_at(self, words: Sequence[str], at: int) -> int:
        for length in range(min(self.longest, len(words) - at), 0, -1):
            if tuple(words[at : at + length]) in self.entities:
                return length
        return 0


@dataclass(frozen=True, slots=True)
class EntityExtractor:
    """Finds entities. `tagger` is None when the training data has none; `synonyms`: lower-case phrase to value."""

    tagger: Tagger | None
    gazetteer: Gazetteer
    synonyms: Mapping[str, str]

    def extract(self, text: str) -> tuple[Entity, ...]:
        """The entities of an utterance in its order; of two values around a correction the last one stays."""
        found = tokens(text)
        words = [token.text for token in found]
        spans = self._tagged(words)
        spans += _free(
            spans, ((a, b, name) for a, b, name in self.gazetteer.matches(words) if self._certain(words[a:b]))
        )
        entities = [self._entity(text, found[a].start, found[b - 1].end, name) for a, b, name in sorted(spans)]
        known = [entity for entity in entities if entity]
        known += [entity for entity in _numbers(text) if not any(_overlap(entity, other) for other in known)]
        return _corrected(sorted(known, key=lambda entity: entity.start), found)

    def _tagged(self, words: list[str]) -> list[tuple[int, int, str]]:
        if self.tagger is None or not words:
            return []
        return spans_of(self.tagger.tag(token_features(words, self.gazetteer)))

    def _certain(self, words: list[str]) -> bool:
        return tuple(words) in self.gazetteer.certain

    def _entity(self, text: str, start: int, end: int, name: str) -> Entity | None:
        said = text[start:end]
        value = NUMERIC[name](said) if name in NUMERIC else self._canonical(said)
        return Entity(name, value, start, end) if value else None

    def _canonical(self, said: str) -> str:
        phrase = " ".join(token.text for token in tokens(said))
        return self.synonyms.get(phrase, phrase)


def token_features(words: Sequence[str], gazetteer: Gazetteer) -> list[Features]:
    """What the CRF knows of each word: itself, its shape, its gazetteer entry, and its neighbours."""
    known = [""] * len(words)
    for start, end, name in gazetteer.matches(words):
        known[start:end] = [f"B:{name}", *[f"I:{name}"] * (end - start - 1)]
    own = [_own_features(word, entry) for word, entry in zip(words, known, strict=True)]
    features = [["bias", *mine] for mine in own]
    for distance in (1, 2):
        for at in range(len(words) - distance):
            features[at] += [f"+{distance}{feature}" for feature in own[at + distance][:2]]
            features[at + distance] += [f"-{distance}{feature}" for feature in own[at][:2]]
    if features:
        features[0].append("first")
        features[-1].append("last")
    return features


def _own_features(word: str, entry: str) -> Features:
    features = [f"word={word}", f"kind={_kind(word)}|{entry}", f"start={word[:3]}", f"end={word[-3:]}"]
    return [*features, f"known={entry}"] if entry else features


def _kind(word: str) -> str:
    """The class of a word as far as numbers go."""
    if digit_of(word) is not None:
        return "digit"
    if word in TEENS or word in TENS or word in {"hundred", "thousand", "double", "triple"}:
        return "numeral"
    if word[0].isdigit() or word[0] == "$":
        return f"literal{min(4, sum(character.isdigit() for character in word))}{'$' if word[0] == '$' else ''}"
    return "word"


def spans_of(labels: Sequence[str]) -> list[tuple[int, int, str]]:
    """Words start..end and entity of BIO labels; an I- without its B- begins an entity too."""
    spans: list[tuple[int, int, str]] = []
    for at, label in enumerate(labels):
        if label == OUTSIDE:
            continue
        name = label[2:]
        if label.startswith("I-") and spans and spans[-1][1] == at and spans[-1][2] == name:
            spans[-1] = (spans[-1][0], at + 1, name)
        else:
            spans.append((at, at + 1, name))
    return spans


def _free(taken: Iterable[tuple[int, int, str]], wanted: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The spans of `wanted` that touch none of `taken`."""
    occupied = {at for start, end, _ in taken for at in range(start, end)}
    return [span for span in wanted if occupied.isdisjoint(range(span[0], span[1]))]


def _numbers(text: str) -> list[Entity]:
    """What is a number by its own words: a sum with its currency, a time with its half of the day, a long number."""
    entities: list[Entity] = []
    sum_said, time_said, number = amount(text), clock_time(text), digits(text)
    if sum_said and sum_said.named:
        entities.append(Entity("amount", f"{sum_said.value:.2f}", *sum_said.spans[0]))
    if time_said and not time_said.bare:
        entities.append(Entity("time", time_said.value, *time_said.spans[0]))
    if number and len(number.digits) >= _LONG_NUMBER:
        entities.append(Entity("number", number.digits, number.spans[0][0], number.spans[-1][1]))
    return [entity for at, entity in enumerate(entities) if not any(_overlap(entity, first) for first in entities[:at])]


def _overlap(one: Entity, other: Entity) -> bool:
    return one.start < other.end and other.start < one.end


def _corrected(entities: list[Entity], found: list[Token]) -> tuple[Entity, ...]:
    """Without those that a later one of the same kind replaces: "my checking oh sorry no my savings account"."""
    words = [token.text for token in found]
    repairs = lexicon("en").repairs
    corrections = [token.start for at, token in enumerate(found) if repairs.match(words, at)]
    replaced = {
        id(first)
        for name in {entity.name for entity in entities}
        for first, second in pairwise([entity for entity in entities if entity.name == name])
        if any(first.end <= at < second.start for at in corrections)
    }
    return tuple(entity for entity in entities if id(entity) not in replaced)
