"""What a frame of a call yields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from voicebot.audio.frame import Frame
from voicebot.call.commands import Command

NOBODY: Final[Mapping[str, Frame]] = MappingProxyType({})


class Step(NamedTuple):
    """20 ms for the caller, for the other legs, and the requests of this frame."""

    frame: Frame
    commands: Sequence[Command]
    others: Mapping[str, Frame] = NOBODY
