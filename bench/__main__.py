"""All figures that the README quotes, one table after the other.

make bench        (or python -m bench)
"""

from __future__ import annotations

import subprocess
import sys

TABLES = ("call_step", "vad", "answer_delay", "replay_speed", "resampling")


def main() -> int:
    """Each in a process of its own, so that none warms another's caches."""
    failed = 0
    for table in TABLES:
        print(f"\n--- python -m bench.{table}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"bench.{table}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
