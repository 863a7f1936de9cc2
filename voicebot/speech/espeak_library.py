"""libespeak-ng through ctypes: one freshly loaded copy an utterance.

The library keeps the phase of its oscillators, its pitch flutter and its parameters in static variables that no call
resets, so what it says depends on what it said before. Loading it anew costs 2 ms and makes the same text the same
audio, with the Klatt voices at least: some others (f3) read memory that they never set, and may differ slightly from
one thread to the next. (Source of the interface: espeak-ng 1.52, `speak_lib.h`. espeak-ng is GPL-3.0-or-later;
nothing else in this package needs it, and it is loaded only when a voice of it is chosen.)
"""

from __future__ import annotations

import _ctypes
import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicebot.audio.frame import Samples
from voicebot.speech.synthesiser import SynthesiserError, WordMark

RATE: Final = 22050
"""Sample rate of all espeak-ng voices, Hz."""

_SYNCHRONOUS: Final = 2
_BUFFER_MS: Final = 500
_DONT_EXIT: Final = 0x8000
_CHARACTERS: Final = 1
_UTF8: Final = 1
_END_PAUSE: Final = 0x1000
_RATE_PARAMETER: Final = 1
_VOLUME_PARAMETER: Final = 2
_WORD_EVENT: Final = 1
_OK: Final = 0

_lock = threading.Lock()


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char_p),
    )


class _VoiceEntry(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class EspeakVoice:
    """A language of espeak-ng: code ("en-gb"), name, and the voice file that speaks it ("gmw/en")."""

    language: str
    name: str
    identifier: str


class EspeakLibrary:
    """A loaded copy of the library; made by `loaded`, used by one thread."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def choose_voice(self, voice: str, rate_wpm: int, volume: int) -> bool:
        """Speak as `voice` ("gmw/en-US+klatt4"), `volume` 100 being the library's own; False when it is unknown."""
        if self._library.espeak_SetVoiceByName(voice.encode("utf-8", "replace")) != _OK:
            return False
        self._library.espeak_SetParameter(_RATE_PARAMETER, rate_wpm, 0)
        self._library.espeak_SetParameter(_VOLUME_PARAMETER, volume, 0)
        return True

    def synthesise(self, text: str, *, pause: bool) -> tuple[Samples, tuple[WordMark, ...]]:
        """`text` as samples of RATE Hz and its words; with the pause that belongs after it if `pause`."""
        blocks: list[bytes] = []
        marks: list[WordMark] = []
        collect = _Callback(_collector(blocks, marks))
        self._library.espeak_SetSynthCallback(collect)
        encoded = text.encode("utf-8", "replace")
        flags = _UTF8 | (_END_PAUSE if pause else 0)
        status = self._library.espeak_Synth(encoded, len(encoded) + 1, 0, _CHARACTERS, 0, flags, None, None)
        if status != _OK:
            raise SynthesiserError(f"espeak-ng could not speak a text of {len(text)} characters (status {status}).")
        return np.frombuffer(b"".join(blocks), np.int16), tuple(marks)

    def version(self) -> str:
        """As "1.52.0"."""
        path = ctypes.c_char_p()
        self._library.espeak_Info.restype = ctypes.c_char_p
        info: bytes = self._library.espeak_Info(ctypes.byref(path))
        return info.decode().split()[0]

    def voices(self) -> tuple[EspeakVoice, ...]:
        """All languages, without variants."""
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceEntry))
        listed = self._library.espeak_ListVoices(None)
        found = []
        for entry in listed:
            if not entry:
                break
            # The first byte is a priority, then the code.
            language = ctypes.string_at(entry.contents.languages + 1).decode()
            found.append(EspeakVoice(language, entry.contents.name.decode(), entry.contents.identifier.decode()))
        return tuple(found)


@contextmanager
def loaded() -> Iterator[EspeakLibrary]:
    """A fresh copy of the library, for this thread alone until the block ends. Raises SynthesiserError."""
    path, data = _paths()
    with _lock:
        library = ctypes.CDLL(path)
        try:
            rate = library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data.encode(), _DONT_EXIT)
            if rate != RATE:
                raise SynthesiserError(f"espeak-ng cannot read its data in {data}; reinstall `espeakng-loader`.")
            yield EspeakLibrary(library)
        finally:
            library.espeak_Terminate()
            _unload(library)


def variants() -> tuple[str, ...]:
    """What may follow "+" in a voice's name."""
    return tuple(sorted(path.name for path in Path(_paths()[1], "voices", "!v").iterdir()))


def _paths() -> tuple[str, str]:
    try:
        import espeakng_loader
    except ImportError as error:
        raise SynthesiserError("The voice needs espeak-ng; install it with `pip install espeakng-loader`.") from error
    try:
        return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    except RuntimeError as error:
        raise SynthesiserError(f"espeak-ng is incomplete ({error}); reinstall `espeakng-loader`.") from error


def _unload(library: ctypes.CDLL) -> None:
    close = getattr(_ctypes, "dlclose", None) or getattr(_ctypes, "FreeLibrary", None)
    with suppress(OSError):
        if close is not None:
            close(library._handle)


def _collector(blocks: list[bytes], marks: list[WordMark]) -> Callable[[Any, int, Any], int]:
    def collect(wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            blocks.append(ctypes.string_at(wave, 2 * count))
        index = 0
        while events and events[index].type:
            if events[index].type == _WORD_EVENT:
                marks.append(WordMark(events[index].text_position - 1, events[index].sample))
            index += 1
        return 0

    return collect
