"""How much faster than real time the fixtures are replayed on one core, with the real engines.

python -m bench.replay_speed
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from bench.machine import describe, quiet
from voicebot.media.house import House
from voicebot.qa.fixture import find, load
from voicebot.qa.replay import replay
from voicebot.settings import Settings

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Replay everything once and print call time against CPU time and wall time."""
    quiet()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as data:
        house = House.open(Settings.load({"data": data, "project": str(ROOT)}))
        house.voice(8000)
        house.voice(16000)
        fixtures = [load(path) for path in find([ROOT / "audio_fixtures"])]
        wall, cpu = time.perf_counter(), time.process_time()
        seconds = sum(replay(one, house).outcome.duration_ms for one in fixtures) / 1000
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"Replay of {len(fixtures)} fixtures, real engines, one process; {describe()}")
    print(
        f"{seconds:.0f} s of calls in {cpu:.1f} CPU-seconds: {seconds / cpu:.0f}x real time a core ({wall:.1f} s wall)"
    )


if __name__ == "__main__":
    main()
