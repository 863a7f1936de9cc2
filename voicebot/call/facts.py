"""What is known of a call before its first frame, and the limits that it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

RecordingPolicy = Literal["off", "announce", "ask"]


@dataclass(frozen=True, slots=True)
class CallFacts:
    """Who calls whom, when, and how the call is to be run. `started_at` carries its time zone; `rate` in Hz."""

    call_id: str
    caller: str
    called: str
    started_at: datetime
    language: str = "en"
    rate: int = 8000
    seed: int = 0
    recording: RecordingPolicy = "off"
    queue: str | None = None
    """Where the caller waits for a human when the flow names no queue of its own."""
    tenant: str = "default"


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Times in seconds. At `max_duration_s` the call goes to a human; what is not handed off `grace_s` later ends."""

    max_duration_s: float = 900
    grace_s: float = 60
    max_wait_s: float = 1800
    """How long after `max_duration_s` a caller may still wait for a human; their case stays in the queue."""
    between_digits_s: float = 3.0
    between_groups_s: float = 2.5
    undecided_s: float = 1.5
    """How long noise may keep a prompt paused before it goes on."""
