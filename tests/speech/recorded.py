"""The recordings beside these tests, and ways to put them on a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voicebot.audio.files import read_audio
from voicebot.audio.frame import Samples
from voicebot.audio.level import saturate

RATE = 8000
FOLDER = Path(__file__).parent / "recordings"
CORPUS = Path(__file__).parents[3] / "shared" / "data" / "speech"
"""More recordings of the same kind, where a development machine has them."""


def digits() -> list[Samples]:
    return [read_audio(path).samples for path in sorted(FOLDER.glob("digit-*.flac"))]


def orders() -> list[Samples]:
    return [read_audio(path).samples for path in sorted(FOLDER.glob("order-*.flac"))]


def prompts() -> list[Samples]:
    return [read_audio(path).samples for path in sorted(FOLDER.glob("prompt-*.flac"))]


def pause(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


def with_pauses(words: list[Samples], seconds: float) -> tuple[Samples, list[tuple[int, int]]]:
    """The words with a pause of digital silence before each and at the end, and where each lies, in samples."""
    pieces, spans, at = [], [], 0
    for word in words:
        at += round(seconds * RATE)
        pieces += [pause(seconds), word]
        spans.append((at, at + len(word)))
        at += len(word)
    return np.concatenate([*pieces, pause(seconds)]), spans


def noisy(samples: Samples, rms: float, seed: int = 9) -> Samples:
    """With white noise of `rms` LSB."""
    return saturate(samples + np.random.default_rng(seed).normal(0, rms, len(samples)))


def blocks(samples: Samples, length: int) -> Iterator[Samples]:
    """Consecutive whole blocks of `length` samples."""
    for at in range(0, len(samples) - length + 1, length):
        yield samples[at : at + length]
