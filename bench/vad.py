"""What voice activity costs: CPU per call-second of the whole path, and Silero's windows alone and in company.

Run: python -m bench.vad. Audio: the recorded speech of the tests with pauses, speech about 40 % of the time, each
call beginning at another place. CPU is that of the process (user and system).
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from tests.speech.recorded import RATE, digits, noisy, orders, with_pauses
from voicebot.audio.frame import Samples, frame_length
from voicebot.audio.resample import resample
from voicebot.speech.activity_batch import ActivityBatch
from voicebot.speech.silero import SileroDetector

_SECONDS = 30


def call_audio(rate: int) -> Samples:
    """A caller who speaks about 40 % of the time, over mild line noise."""
    words = [*digits(), *(order[:28000] for order in orders())]
    return resample(noisy(with_pauses(words, 1.15)[0], 10), RATE, rate)


def path_ms(detector: SileroDetector, calls: int, rate: int, *, gate: bool) -> tuple[float, float]:
    """CPU milliseconds a call-second, and the share of windows with a speech probability of 0.5 and more."""
    audio = call_audio(rate)
    shifted = [np.roll(audio, -number * rate * 7 // 5) for number in range(calls)]
    batch = ActivityBatch(detector, gate=gate)
    streams = [batch.open(rate, number) for number in range(calls)]
    step, voiced, windows = frame_length(rate), 0, 0
    begin = time.process_time()
    for at in range(0, step * 50 * _SECONDS, step):
        for stream, samples in zip(streams, shifted, strict=True):
            batch.push(stream, samples[at : at + step])
        for _, probability in batch.run():
            windows += 1
            voiced += probability >= 0.5
    return (time.process_time() - begin) * 1000 / (calls * _SECONDS), voiced / windows


def window_us(detector: SileroDetector, calls: int, rate: int) -> float:
    """CPU microseconds of Silero a window when `calls` windows share a run."""
    windows = np.split(call_audio(rate)[: calls * rate * 32 // 1000], calls)
    batch = [(detector.open(rate), window) for window in windows]
    runs = 3000 // calls
    begin = time.process_time()
    for _ in range(runs):
        detector.run(batch)
    return (time.process_time() - begin) * 1e6 / (runs * calls)


def measure() -> list[dict[str, object]]:
    """All figures, one row each."""
    detector = SileroDetector()
    window_us(detector, 10, RATE)
    rows: list[dict[str, object]] = []
    for rate in (8000, 16000):
        for calls in (1, 10, 50):
            for gate in (True, False):
                cost, voiced = path_ms(detector, calls, rate, gate=gate)
                rows.append({"rate": rate, "calls": calls, "gate": gate, "ms_per_call_second": round(cost, 2)})
                rows[-1]["voiced"] = round(voiced, 2)
            rows.append(
                {"rate": rate, "windows_in_a_run": calls, "us_per_window": round(window_us(detector, calls, rate))}
            )
    return rows


if __name__ == "__main__":
    for row in measure():
        sys.stdout.write(json.dumps(row) + "\n")
