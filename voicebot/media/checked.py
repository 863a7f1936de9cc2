"""What engines give, made fit for a call: types checked, texts without control characters, confidences within 0..1.

An engine may be anybody's. What it gives ends up in transcripts, JSON and on terminals, so it is looked at once, here;
the call can then rely on it. What cannot be made fit is a TypeError or ValueError, which names no value.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Final, TypeVar

import numpy as np

from voicebot.dialogue.events import SlotValue
from voicebot.nlu.interpreter import Entity, IntentScore, Interpretation
from voicebot.speech.recogniser import Hypothesis, Transcription, Word
from voicebot.speech.synthesiser import SpeechAudio

T = TypeVar("T")

MOST_CHARACTERS: Final = 2000
"""Nobody says more in the 15 s that an utterance may last."""
MOST_HYPOTHESES: Final = 10
_JOINERS: Final = "\u200c\u200d"
"""Invisible, but part of the spelling in some scripts."""


def text(value: object) -> str:
    """A text in one line, without control characters, cut at MOST_CHARACTERS."""
    found = _of(str, value)[:MOST_CHARACTERS]
    if found.isprintable():
        return found
    return " ".join("".join(c if c.isprintable() or c in _JOINERS else " " for c in found).split())


def confidence(value: object) -> float:
    """A number 0..1; what is no number is no confidence."""
    if not isinstance(value, int | float | np.floating) or math.isnan(value):
        return 0.0
    return min(1.0, max(0.0, float(value)))


def transcription(value: object) -> Transcription:
    """What a recogniser gives."""
    found = _of(Transcription, value)
    return Transcription(tuple(map(_hypothesis, found.hypotheses[:MOST_HYPOTHESES])), text(found.engine))


def _hypothesis(value: object) -> Hypothesis:
    found = _of(Hypothesis, value)
    return Hypothesis(text(found.text), confidence(found.confidence), tuple(map(_word, found.words)))


def _word(value: object) -> Word:
    found = _of(Word, value)
    return dataclasses.replace(found, text=text(found.text), confidence=confidence(found.confidence))


def interpretation(value: object) -> Interpretation:
    """What an interpreter gives."""
    found = _of(Interpretation, value)
    entities = tuple(_entity(entity) for entity in found.entities)
    ranking = tuple(map(_intent, found.ranking))
    return Interpretation(text(found.text), _intent(found.intent), ranking, entities, text(found.engine))


def _intent(value: object) -> IntentScore:
    found = _of(IntentScore, value)
    return IntentScore(text(found.name), confidence(found.confidence))


def _entity(value: object) -> Entity:
    found = _of(Entity, value)
    return Entity(text(found.name), text(found.value), int(found.start), int(found.end))


def speech(value: object, rate: int) -> SpeechAudio:
    """What a synthesiser gives for a call of `rate` Hz."""
    found = _of(SpeechAudio, value)
    samples = _of(np.ndarray, found.samples)
    if samples.dtype != np.int16 or samples.ndim != 1 or found.rate != rate:
        raise ValueError(f"no 16-bit mono audio at {rate} Hz was given")
    return found


def slots(value: object) -> dict[str, SlotValue]:
    """What an action gives."""
    found = _of(Mapping, value)  # type: ignore[type-abstract]
    return {_of(str, name): _slot(each) for name, each in found.items()}


def _slot(value: object) -> SlotValue:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    raise TypeError("a slot can hold a text, a number, true, false or nothing")


def _of(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} was expected, not {type(value).__name__}")
    return value
