"""Tones made here: keypad tones, a beep, waiting music."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frame import Samples
from voicebot.audio.level import saturate

KEYS: Final = "123A456B789C*0#D"
"""Keypad, row by row (ITU-T Q.23)."""
_ROWS: Final = (697, 770, 852, 941)
_COLUMNS: Final = (1209, 1336, 1477, 1633)
_CHORDS: Final = ((57, 60, 64, 69), (53, 57, 60, 65), (48, 55, 60, 64), (55, 59, 62, 67))
"""A minor, F, C, G as MIDI note numbers."""
_ARPEGGIO: Final = (0, 1, 2, 3, 2, 1)
_NOTE_S: Final = 0.4
_NOTE_DECAY_S: Final = 0.45
_NOTE_RING_S: Final = 1.6
_MUSIC_PEAK: Final = 3000
"""About -21 dBFS: softer than speech."""


def dtmf(key: str, rate: int, ms: int = 100, peak: int = 6000) -> Samples:
    """The two tones of a key (ITU-T Q.23) at `rate` Hz, each of half of `peak`. Raises ValueError for no such key."""
    at = KEYS.find(key)
    if len(key) != 1 or at < 0:
        raise ValueError(f"{key!r} is not a key; keys are 0-9, A-D, * and #.")
    time = np.arange(rate * ms // 1000) / rate
    low, high = _ROWS[at // 4], _COLUMNS[at % 4]
    wave = np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time)
    return _faded(wave * (peak / 2), rate, 2)


def beep(rate: int, ms: int = 200, frequency: int = 880, peak: int = 5000) -> Samples:
    """A gentle tone at `rate` Hz, as before a voice message."""
    time = np.arange(rate * ms // 1000) / rate
    return _faded(np.sin(2 * np.pi * frequency * time) * peak, rate, 20)


@cache
def hold_music(rate: int) -> Samples:
    """A soft arpeggio of 9.6 s at `rate` Hz to be repeated; notes ring over its end into its beginning. Read-only."""
    note_length = round(_NOTE_S * rate)
    notes = [chord[step] for chord in _CHORDS for step in _ARPEGGIO]
    wave = np.zeros(note_length * len(notes))
    for number, note in enumerate(notes):
        ringing = _plucked(note, rate)
        at = (number * note_length + np.arange(len(ringing))) % len(wave)
        wave[at] += ringing
    music = saturate(wave * (_MUSIC_PEAK / np.abs(wave).max()))
    music.setflags(write=False)
    return music


def _plucked(note: int, rate: int) -> NDArray[np.float64]:
    """One decaying note with a soft second harmonic; starts and ends at zero."""
    time = np.arange(round(_NOTE_RING_S * rate)) / rate
    frequency = 440 * 2 ** ((note - 69) / 12)
    attack = np.minimum(time / 0.015, 1)
    release = np.minimum((_NOTE_RING_S - time) / 0.1, 1)
    envelope = np.exp(-time / _NOTE_DECAY_S) * attack * release
    phase = 2 * np.pi * frequency * time
    return np.asarray((np.sin(phase) + 0.25 * np.sin(2 * phase)) * envelope, np.float64)


def _faded(wave: NDArray[np.float64], rate: int, ms: int) -> Samples:
    """`wave` as samples with `ms` of linear fade at both ends."""
    length = min(rate * ms // 1000, len(wave) // 2)
    ramp = np.arange(length) / max(length, 1)
    wave[:length] *= ramp
    wave[len(wave) - length :] *= ramp[::-1]
    return saturate(wave)
