"""On which machine the figures were made, and how fast it is today."""

from __future__ import annotations

import logging
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog


def processor() -> str:
    """The processor's name as Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor()


def fixed_loop_ms() -> float:
    """CPU time of a fixed Python loop: compare it before comparing figures of two days."""
    started = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number & 7
    return (time.process_time() - started) * 1000


def describe() -> str:
    """A line for the head of a table."""
    today = datetime.now(UTC).date().isoformat()
    return f"{processor()}, Python {platform.python_version()}, {today}, fixed loop {fixed_loop_ms():.0f} ms"


def quiet() -> None:
    """Only warnings: a bench prints its table and nothing else."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
