"""Recognition of whole recordings, without endpointing."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from voicebot.audio.frame import Samples
from voicebot.audio.level import saturate
from voicebot.speech.nbest import UNKNOWN
from voicebot.speech.recogniser import Hints, Recogniser, Transcription, Word

PADDING_MS: Final = 300
"""Low noise before and after a recording that begins and ends with a word: isolated digits 0.93 -> 0.98 heard."""
NOISE_RMS: Final = 8.0
"""LSB; digital silence would do half as well."""

_BLOCK_MS: Final = 200


def recognise_whole(recogniser: Recogniser, samples: Samples, rate: int, hints: Hints) -> Transcription:
    """What is said in `samples` of `rate` Hz (8000 or 16000), times counted in them. Raises RecogniserError."""
    recognition = recogniser.open(rate, hints)
    padded = _padded(samples, rate)
    step = rate * _BLOCK_MS // 1000
    for start in range(0, len(padded), step):
        recognition.accept(padded[start : start + step])
    heard = recognition.finish()
    length_ms = 1000 * len(samples) // rate
    moved = (replace(h, words=tuple(_moved(word, length_ms) for word in h.words)) for h in heard.hypotheses)
    return Transcription(tuple(moved), heard.engine)


def without_unknown(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words that the grammar holds."""
    return tuple(word for word in words if word.text != UNKNOWN)


def _padded(samples: Samples, rate: int) -> Samples:
    """The noise is the same every time, so that results repeat."""
    count = rate * PADDING_MS // 1000
    noise = saturate(np.random.Generator(np.random.PCG64(1)).normal(0, NOISE_RMS, 2 * count))
    return np.concatenate((noise[:count], samples, noise[count:]))


def _moved(word: Word, length_ms: int) -> Word:
    start, end = (min(max(0, at - PADDING_MS), length_ms) for at in (word.start_ms, word.end_ms))
    return Word(word.text, start, end, word.confidence)
