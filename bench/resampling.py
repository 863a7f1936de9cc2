"""Delay and CPU of the resampler on the live path.

python -m bench.resampling
"""

from __future__ import annotations

import time

import numpy as np

from bench.machine import describe
from voicebot.audio.resample import StreamResampler

PAIRS = ((8000, 16000), (16000, 8000), (48000, 16000), (48000, 8000), (16000, 48000))
SECONDS = 20


def main() -> None:
    """Feed 20 ms blocks and print a row for each pair of rates."""
    print(f"StreamResampler, 20 ms blocks; {describe()}")
    print("from -> to     | delay   | CPU ms a second of audio")
    for source, target in PAIRS:
        resampler = StreamResampler(source, target)
        block = np.random.default_rng(1).integers(-3000, 3000, source // 50).astype(np.int16)
        started = time.process_time()
        for _ in range(50 * SECONDS):
            resampler.process(block)
        cpu = 1000 * (time.process_time() - started) / SECONDS
        print(f"{source:5d} -> {target:5d} | {resampler.delay_ms:4.2f} ms | {cpu:.2f}")


if __name__ == "__main__":
    main()
