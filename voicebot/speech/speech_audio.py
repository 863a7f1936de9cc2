"""Spoken text as audio: another rate, less silence around it, pieces put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from voicebot.audio.frame import frame_length
from voicebot.audio.resample import resample
from voicebot.speech.synthesiser import SpeechAudio, WordMark

LEADING_MS: Final = 20
TRAILING_MS: Final = 40
"""Silence left before and after speech, so that turns follow each other quickly and no sound is cut."""

_SILENT: Final = 64
"""Samples up to this magnitude (-54 dBFS) are silence."""


def at_rate(audio: SpeechAudio, rate: int) -> SpeechAudio:
    """`audio` at `rate` Hz, its word marks with it."""
    if audio.rate == rate:
        return audio
    marks = tuple(WordMark(mark.char, mark.sample * rate // audio.rate) for mark in audio.marks)
    return SpeechAudio(audio.text, resample(audio.samples, audio.rate, rate), rate, marks)


def trim(audio: SpeechAudio, *, leading: bool, trailing: bool) -> SpeechAudio:
    """`audio` with at most LEADING_MS and TRAILING_MS of silence, and one frame of it where there is nothing else.

    The samples cannot be written to, since calls share them.
    """
    loud = np.flatnonzero(np.abs(audio.samples.astype(np.int32)) > _SILENT)
    start, end = 0, len(audio.samples)
    if len(loud) and leading:
        start = max(0, int(loud[0]) - LEADING_MS * audio.rate // 1000)
    if len(loud) and trailing:
        end = min(end, int(loud[-1]) + 1 + TRAILING_MS * audio.rate // 1000)
    if not len(loud) and (leading or trailing or not end):
        return _frozen(SpeechAudio(audio.text, np.zeros(frame_length(audio.rate), np.int16), audio.rate))
    marks = tuple(WordMark(mark.char, min(max(0, mark.sample - start), end - start)) for mark in audio.marks)
    return _frozen(SpeechAudio(audio.text, audio.samples[start:end].copy(), audio.rate, marks))


def concatenate(text: str, pieces: Sequence[SpeechAudio], rate: int) -> SpeechAudio:
    """The pieces of `text` as one, marks moved; one frame of silence for no pieces."""
    if not pieces:
        return trim(SpeechAudio(text, np.empty(0, np.int16), rate), leading=True, trailing=True)
    marks: list[WordMark] = []
    chars = samples = 0
    for piece in pieces:
        marks.extend(WordMark(mark.char + chars, mark.sample + samples) for mark in piece.marks)
        chars += len(piece.text)
        samples += len(piece.samples)
    return _frozen(SpeechAudio(text, np.concatenate([piece.samples for piece in pieces]), rate, tuple(marks)))


def _frozen(audio: SpeechAudio) -> SpeechAudio:
    audio.samples.setflags(write=False)
    return audio
