"""The built-in synthesiser: espeak-ng, 22.05 kHz, 450 times faster than speech."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Final

from voicebot.speech import espeak_library
from voicebot.speech.clauses import split_clauses
from voicebot.speech.synthesiser import SpeechAudio, SynthesiserError, WordMark

DEFAULT_VOICE: Final = "en-us+klatt4"
DEFAULT_RATE_WPM: Final = 165
DEFAULT_VOLUME: Final = 40
"""Percent; at 100 the Klatt voices clip. 40 leaves peaks at -12 to -4 dBFS."""
RATES_WPM: Final = range(80, 451)

_UNSPEAKABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]")
"""Control characters; ^A above all, which begins an espeak-ng command inside a text."""


class EspeakSynthesiser:
    """Speaks with one espeak-ng voice. Deterministic: the same text gives the same samples."""

    def __init__(
        self, voice: str = DEFAULT_VOICE, *, rate_wpm: int = DEFAULT_RATE_WPM, volume: int = DEFAULT_VOLUME
    ) -> None:
        """`voice` is a language, "+" and a variant. Raises SynthesiserError for an unknown voice or setting."""
        if rate_wpm not in RATES_WPM:
            raise SynthesiserError(f"A speaking rate of {rate_wpm} words a minute is outside 80 to 450.")
        if not 0 < volume <= 100:
            raise SynthesiserError(f"A volume of {volume} is outside 1 to 100.")
        self._rate_wpm, self._volume = rate_wpm, volume
        with espeak_library.loaded() as library:
            self._voice = _find_voice(library, voice)
            self._name = f"espeak-ng-{library.version()}/{voice}/{rate_wpm}/{volume}"

    @property
    def name(self) -> str:
        """Library version, voice, words a minute and volume."""
        return self._name

    def speak(self, text: str) -> Iterator[SpeechAudio]:
        """`text` clause by clause at 22050 Hz, each with the pause after it but the last. Markup is read as text."""
        clauses = split_clauses(text)
        for index, clause in enumerate(clauses):
            yield self._speak_clause(clause, last=index == len(clauses) - 1)

    def _speak_clause(self, clause: str, *, last: bool) -> SpeechAudio:
        spoken = _UNSPEAKABLE.sub(" ", clause)
        with espeak_library.loaded() as library:
            if not library.choose_voice(self._voice, self._rate_wpm, self._volume):
                raise SynthesiserError(f"The espeak-ng voice {self._voice!r} has gone; reinstall `espeakng-loader`.")
            samples, marks = library.synthesise(spoken, pause=not last)
        return SpeechAudio(clause, samples, espeak_library.RATE, _ordered(marks, len(clause), len(samples)))


def voice_names() -> tuple[str, ...]:
    """All languages; each may be followed by "+" and one of `espeak_library.variants()`. Raises SynthesiserError."""
    with espeak_library.loaded() as library:
        return tuple(sorted({voice.language for voice in library.voices()}))


def _find_voice(library: espeak_library.EspeakLibrary, voice: str) -> str:
    """The voice file and variant of "en-us+klatt4". Names come from the library's list, so none is a path."""
    base, plus, variant = voice.partition("+")
    files = {known.identifier.rpartition("/")[2].lower(): known.identifier for known in library.voices()}
    files |= {known.language.lower(): known.identifier for known in library.voices()}
    if base.lower() not in files:
        raise SynthesiserError(f"There is no espeak-ng voice {base!r}; {_close_ones(base, files)}.")
    variants = espeak_library.variants()
    if plus and variant not in variants:
        raise SynthesiserError(f"espeak-ng has no variant {variant!r}; {_close_ones(variant, variants)}.")
    found = files[base.lower()] + plus + variant
    if not library.choose_voice(found, DEFAULT_RATE_WPM, DEFAULT_VOLUME):
        raise SynthesiserError(f"espeak-ng cannot load the voice {voice!r}; choose another, such as {DEFAULT_VOICE}.")
    return found


def _close_ones(name: str, known: Iterable[str]) -> str:
    """What might have been meant, as the end of a sentence."""
    close = difflib.get_close_matches(name, sorted(known), n=4, cutoff=0.5)
    close = close or sorted(one for one in known if name and one.startswith(name[:2]))[:4]
    return f"close ones are {', '.join(close)}" if close else f"the default is {DEFAULT_VOICE}"


def _ordered(marks: tuple[WordMark, ...], characters: int, samples: int) -> tuple[WordMark, ...]:
    """The marks inside text and audio, in order, one a character position."""
    kept: list[WordMark] = []
    for mark in marks:
        if mark.char >= characters or mark.sample > samples or mark.char < 0:
            continue
        if not kept or (mark.char > kept[-1].char and mark.sample >= kept[-1].sample):
            kept.append(mark)
    return tuple(kept)
