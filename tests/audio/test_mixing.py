"""Sum of voices."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio.mixing import mix


def test_nobody_is_silence_and_one_voice_is_itself() -> None:
    voice = np.arange(160).astype(np.int16)
    assert mix([voice]) is voice
    assert list(mix([], 3)) == [0, 0, 0]


@given(st.lists(st.lists(st.integers(-32768, 32767), min_size=5, max_size=5), min_size=2, max_size=6))
def test_sum_saturates(voices: list[list[int]]) -> None:
    expected = [max(-32768, min(32767, sum(column))) for column in zip(*voices, strict=True)]
    inputs = [np.array(voice, np.int16) for voice in voices]
    assert list(mix(inputs)) == expected
    assert [list(voice) for voice in inputs] == voices
