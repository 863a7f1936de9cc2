"""What a frame of a call yields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from voicebot.audio.frame import Frame
from voicebot.call.commands import Command


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """20 ms for the caller, for the other legs, and the requests of this frame."""

    frame: Frame
    commands: Sequence[Command]
    others: Mapping[str, Frame] = field(default_factory=dict)
