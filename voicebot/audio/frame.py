"""The unit in which a call is clocked: 20 ms of 16-bit mono PCM."""

from __future__ import annotations

import enum
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Mono 16-bit PCM, shape (n,)."""

FRAME_MS: Final = 20
FRAMES_PER_SECOND: Final = 50
RATES: Final = (8000, 16000)
"""Sample rates a call may run at, in Hz."""


class FrameKind(enum.Enum):
    """What a 20 ms slot of the line carried."""

    VOICE = "voice"
    LOST = "lost"
    COMFORT_NOISE = "comfort_noise"
    HELD = "held"


class Frame(NamedTuple):
    """20 ms of audio; samples has shape (rate / 50,), int16, and must not be written to."""

    samples: Samples
    kind: FrameKind = FrameKind.VOICE


def frame_length(rate: int) -> int:
    """Samples in a frame at `rate` Hz."""
    return rate // FRAMES_PER_SECOND


@cache
def silence(rate: int, kind: FrameKind = FrameKind.VOICE) -> Frame:
    """One shared frame of digital silence at `rate` Hz."""
    samples = np.zeros(frame_length(rate), np.int16)
    samples.setflags(write=False)
    return Frame(samples, kind)


def ms_to_frames(ms: float) -> int:
    """Frames that cover `ms` milliseconds, rounded up."""
    return -int(-ms // FRAME_MS)
