"""Change of sample rate: exact offline conversion, and a short-delay converter for live audio."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frame import Samples
from voicebot.audio.level import saturate

_HALF_TAPS: Final = 16
"""Half the filter's length in samples of the lower rate: 65 taps at 16 kHz and 2 ms of delay for 8 <-> 16 kHz."""
_KAISER_BETA: Final = 4.55
"""50 dB of stop-band attenuation (Kaiser's formula)."""
_CUTOFF: Final = 0.95
"""Middle of the transition band as a share of the lower rate's Nyquist frequency."""
_TAP_BITS: Final = 20
_LARGEST_BANK: Final = 1_000_000


def resample(samples: Samples, source_rate: int, target_rate: int) -> Samples:
    """The whole of `samples` at `target_rate` Hz, without delay; length n * target / source, rounded up."""
    if source_rate == target_rate or not len(samples):
        return samples
    from scipy.signal import resample_poly

    divisor = math.gcd(source_rate, target_rate)
    converted = resample_poly(samples.astype(np.float32), target_rate // divisor, source_rate // divisor)
    return saturate(converted)


class StreamResampler:
    """Converts a stream block by block with a polyphase FIR low-pass.

    A block that holds a whole number of ratio periods (20 ms of any two usual rates does) gives exactly its length
    at the target rate; what is left of other blocks comes with the next one. Taps are integers and sums exact, so the
    output does not depend on how the stream is cut into blocks.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        """Rates in Hz. Raises ValueError for a pair whose ratio needs an unreasonable filter."""
        divisor = math.gcd(source_rate, target_rate)
        self._up, self._down = target_rate // divisor, source_rate // divisor
        self._bank = _filter_bank(self._up, self._down)
        self._history = np.zeros(len(self._bank) - self._down, np.int16)
        self.delay_ms: Final = 0.0 if self._up == self._down else _HALF_TAPS * 1000 / min(source_rate, target_rate)

    def process(self, block: Samples) -> Samples:
        """The next output samples, `delay_ms` behind the input."""
        if self._up == self._down:
            return block
        audio = np.concatenate((self._history, block))
        periods = (len(audio) - len(self._bank)) // self._down + 1
        if periods <= 0:
            self._history = audio
            return np.empty(0, np.int16)
        self._history = audio[periods * self._down :].copy()
        sums = _windows(audio, periods, len(self._bank), self._down) @ self._bank
        return saturate(sums.ravel())


def _windows(audio: Samples, count: int, width: int, step: int) -> NDArray[np.float64]:
    """`count` windows of `width` samples, one every `step` samples."""
    stride = audio.strides[0]
    view: Samples = np.ndarray((count, width), np.int16, audio, 0, (stride * step, stride))
    return view.astype(np.float64)


@cache
def _filter_bank(up: int, down: int) -> NDArray[np.float64]:
    """Shape (taps of a period, up): column j makes output j of a period of `down` inputs from the window it ends.

    Kaiser-windowed sinc at `up` times the source rate, in steps of 2**-_TAP_BITS so that products of taps and samples
    are exact in double precision.
    """
    half = _HALF_TAPS * max(up, down)
    reach = -(-(2 * half + 1) // up)
    width = reach + down
    if width * up > _LARGEST_BANK:
        raise ValueError(f"A stream cannot be converted by the ratio {up}:{down}; convert it offline.")
    taps = np.zeros((reach + 1) * up)
    at = np.arange(-half, half + 1) / max(up, down)
    taps[: 2 * half + 1] = np.sinc(at * _CUTOFF) * np.kaiser(2 * half + 1, _KAISER_BETA)
    taps *= up / taps.sum()
    bank = np.zeros((width, up))
    for output in range(up):
        newest, phase = divmod(output * down, up)
        column = taps[phase::up][:reach][::-1]
        bank[newest + 1 : newest + 1 + len(column), output] = column
    bank /= bank.sum(axis=0)
    return np.rint(bank * 2**_TAP_BITS) / 2**_TAP_BITS
