"""Loudness, gain and dither."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frame import Samples

SILENCE_DBFS: Final = -120.0
"""What digital silence is reported as."""
DITHER_LENGTH: Final = 16384
"""Samples after which the dither repeats."""


def saturate(values: NDArray[np.floating]) -> Samples:
    """Rounded to whole numbers and limited to 16 bits."""
    samples: Samples = np.clip(np.rint(values), -32768, 32767).astype(np.int16)
    return samples


def rms_dbfs(samples: Samples) -> float:
    """Root mean square in dB relative to full scale (a constant 32768 is 0 dBFS, a full-scale sine -3); >= -120."""
    if not len(samples):
        return SILENCE_DBFS
    wide = samples.astype(np.float32)
    mean_square = float(wide @ wide) / len(samples)
    return max(SILENCE_DBFS, 10 * float(np.log10(max(mean_square, 1e-9) / 32768.0**2)))


def scale_db(samples: Samples, gain_db: float) -> Samples:
    """`samples` louder by `gain_db` (softer when negative), saturating."""
    return saturate(samples.astype(np.float32) * np.float32(10 ** (gain_db / 20)))


def add_dither(samples: Samples, amplitude: int = 2, offset: int = 0) -> Samples:
    """`samples` plus white noise of at most +-`amplitude` LSB, saturating.

    The noise is a fixed sequence read from `offset` on, so the same input gives the same output; pass the number of
    samples dithered so far to go on in a stream.
    """
    noise = _dither(amplitude).take(np.arange(offset, offset + len(samples)), mode="wrap")
    return saturate(samples.astype(np.float32) + noise)


@cache
def _dither(amplitude: int) -> NDArray[np.int16]:
    """Triangular noise of +-`amplitude`, DITHER_LENGTH samples, the same on every machine."""
    steps = np.random.Generator(np.random.PCG64(20)).integers(0, amplitude + 1, (2, DITHER_LENGTH), np.int16)
    noise: NDArray[np.int16] = steps[0] - steps[1]
    return noise
