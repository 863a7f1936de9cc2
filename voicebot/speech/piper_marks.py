"""From phonemes and how long they sound to where words begin."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.synthesiser import WordMark

Phonemes = tuple[tuple[str, int], ...]
"""Phonemes in order, a space between words, each with its number of samples."""

_WORD: Final = re.compile(r"\S*\w\S*")


def word_marks(text: str, phonemes: Phonemes, samples: int) -> tuple[WordMark, ...]:
    """A mark for each word of `text`, not beyond `samples`; none without phonemes.

    Where there are as many groups of phonemes as words, the marks are exact. Where espeak-ng joins words ("of the") or
    spells out a number, a word begins with the phoneme that stands as far into the phonemes as it into the letters.
    """
    words = [match.start() for match in _WORD.finditer(text)]
    starts, sounding = _starts(phonemes)
    if not words or not sounding:
        return ()
    if len(starts) != len(words):
        letters = max(1, len(text.rstrip()))
        starts = [sounding[min(len(sounding) - 1, word * len(sounding) // letters)] for word in words]
    return tuple(WordMark(char, min(start, samples)) for char, start in zip(words, starts, strict=True))


def _starts(phonemes: Phonemes) -> tuple[list[int], list[int]]:
    """Where each group of phonemes begins, and each phoneme that sounds, in samples."""
    groups: list[int] = []
    sounding: list[int] = []
    position, inside = 0, False
    for phoneme, length in phonemes:
        sounds = any(character.isalpha() for character in phoneme)
        if sounds:
            sounding.append(position)
            if not inside:
                groups.append(position)
        inside = (inside or sounds) and phoneme != " "
        position += length
    return groups, sounding
