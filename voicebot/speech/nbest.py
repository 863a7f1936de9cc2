"""From the scored alternatives of a decoder to an n-best list with confidences that mean something."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from voicebot.speech.recogniser import Hypothesis, Transcription, Word

UNKNOWN: Final = "[unk]"
"""The word that stands for whatever the grammar does not hold."""
MOST: Final = 10
"""Readings kept of an utterance."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What may have been said, with word confidences; `probability` among the readings of the utterance."""

    words: tuple[Word, ...]
    probability: float

    @property
    def text(self) -> str:
        """The words."""
        return " ".join(word.text for word in self.words)


def readings_of(segment: Mapping[str, Any]) -> tuple[Reading, ...]:
    """The readings of a decoded segment, best first, each text once.

    `segment`: {"alternatives": [{"confidence": log-likelihood, "result": [{"word", "start", "end"}]}]}, best first.
    """
    alternatives = segment.get("alternatives", [])
    probabilities = _softmax([float(alternative["confidence"]) for alternative in alternatives])
    heard = [_words(alternative) for alternative in alternatives]
    readings: dict[str, Reading] = {}
    for words, probability in zip(heard, probabilities, strict=True):
        text = " ".join(word.text for word in words)
        known = readings.get(text)
        if known is not None:
            readings[text] = Reading(known.words, known.probability + probability)
        else:
            sure = tuple(_with_confidence(word, heard, probabilities) for word in words)
            readings[text] = Reading(sure, probability)
    return tuple(sorted(readings.values(), key=lambda reading: -reading.probability)[:MOST])


def join(before: Sequence[Reading], after: Sequence[Reading]) -> tuple[Reading, ...]:
    """The readings of two segments that follow each other: the MOST likely pairs, best first."""
    if not before or not after:
        return tuple(before or after)
    pairs = [Reading((*a.words, *b.words), a.probability * b.probability) for a in before for b in after]
    return tuple(sorted(pairs, key=lambda reading: -reading.probability)[:MOST])


def transcription(readings: Sequence[Reading], engine: str) -> Transcription:
    """The n-best list; empty when the best reading has no word.

    The best hypothesis is as sure as its words on average, weighted by duration, `[unk]` counting nothing: speech
    of which the grammar holds little is told from an answer by that. Others are less sure by their odds against it.
    """
    if not readings or not readings[0].words:
        return Transcription((), engine)
    best = readings[0]
    sure = _mean_confidence(best.words)
    spoken = [reading for reading in readings if reading.words]
    hypotheses = [Hypothesis(r.text, round(sure * r.probability / best.probability, 4), r.words) for r in spoken]
    return Transcription(tuple(hypotheses), engine)


def _mean_confidence(words: Sequence[Word]) -> float:
    total = sum(word.end_ms - word.start_ms for word in words)
    known = sum((word.end_ms - word.start_ms) * word.confidence for word in words if word.text != UNKNOWN)
    return known / total if total else 0.0


def _softmax(scores: Sequence[float]) -> list[float]:
    best = max(scores, default=0.0)
    weights = [math.exp(score - best) for score in scores]
    return [weight / sum(weights) for weight in weights]


def _words(alternative: Mapping[str, Any]) -> tuple[Word, ...]:
    return tuple(
        Word(str(word["word"]), round(1000 * word["start"]), round(1000 * word["end"]), 0.0)
        for word in alternative.get("result", [])
    )


def _with_confidence(word: Word, heard: Sequence[Sequence[Word]], probabilities: Sequence[float]) -> Word:
    agree = sum(p for words, p in zip(heard, probabilities, strict=True) if any(_same(word, other) for other in words))
    return Word(word.text, word.start_ms, word.end_ms, round(min(agree, 1.0), 4))


def _same(word: Word, other: Word) -> bool:
    return word.text == other.text and word.start_ms < other.end_ms and other.start_ms < word.end_ms
