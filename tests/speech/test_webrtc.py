"""WebRTC's detector on recorded speech and noise."""

from __future__ import annotations

import numpy as np
import pytest

from tests.speech.recorded import blocks, digits, noisy, pause, with_pauses
from voicebot.audio.frame import Samples
from voicebot.audio.resample import resample
from voicebot.speech.webrtc import WebRtcDetector


def probabilities(samples: Samples, rate: int = 8000) -> list[float]:
    detector = WebRtcDetector()
    state = detector.open(rate)
    return [detector.run([(state, window)])[0] for window in blocks(samples, rate * 32 // 1000)]


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("noise_rms", [0, 30])
def test_recorded_digits_are_heard_and_pauses_are_not(rate: int, noise_rms: float) -> None:
    audio, spans = with_pauses(digits(), 1.0)
    heard = np.array(probabilities(resample(noisy(audio, noise_rms), 8000, rate), rate))
    for begin, end in spans:
        assert (heard[begin // 256 : end // 256 + 3] > 0.5).sum() >= 3
        assert heard[begin // 256 - 12 : begin // 256 - 2].max() < 0.35


def test_probability_is_smoothed_between_0_and_1() -> None:
    heard = probabilities(with_pauses(digits(), 0.5)[0])
    assert min(heard) == 0.0
    assert 0.9 < max(heard) <= 1.0
    assert len({round(value, 2) for value in heard}) > 8


def test_silence_is_nobody() -> None:
    assert max(probabilities(pause(2))) == 0.0


def test_calls_do_not_disturb_each_other() -> None:
    detector = WebRtcDetector()
    speech, silent = detector.open(8000), detector.open(8000)
    audio = with_pauses(digits()[:2], 0.3)[0]
    pairs = [detector.run([(speech, window), (silent, pause(0.032))]) for window in blocks(audio, 256)]
    assert [first for first, _ in pairs] == probabilities(audio)
    assert {second for _, second in pairs} == {0.0}
