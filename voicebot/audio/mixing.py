"""Several voices in one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voicebot.audio.frame import Samples


def mix(voices: Sequence[Samples], length: int = 0) -> Samples:
    """The saturating sum of `voices`, all of the same length and rate.

    One voice is returned as it is, not copied; none gives `length` samples of silence.
    """
    if len(voices) == 1:
        return voices[0]
    if not voices:
        return np.zeros(length, np.int16)
    total = np.add(voices[0], voices[1], dtype=np.int32)
    for voice in voices[2:]:
        total += voice
    return np.clip(total, -32768, 32767, out=total).astype(np.int16)
