"""The seam to a speech synthesiser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from voicebot.audio.frame import Samples
from voicebot.errors import VoicebotError


class SynthesiserError(VoicebotError):
    """The synthesiser cannot be loaded or failed; the message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class WordMark:
    """Where a word begins: character offset in the text, sample offset in the audio."""

    char: int
    sample: int


@dataclass(frozen=True, slots=True)
class SpeechAudio:
    """Spoken text: 16-bit mono samples at `rate` Hz, word marks in order (empty when unknown)."""

    text: str
    samples: Samples
    rate: int
    marks: tuple[WordMark, ...] = ()


class Synthesiser(Protocol):
    """A speech synthesis engine with one voice."""

    @property
    def name(self) -> str:
        """Engine, voice and settings; changes whenever the audio it makes would change (cache key)."""
        ...

    def speak(self, text: str) -> Iterator[SpeechAudio]:
        """Synthesise clause by clause, the first one short, at the engine's own rate.

        The texts of the pieces concatenate to `text`. Raises SynthesiserError.
        Safe to call from several threads.
        """
        ...
