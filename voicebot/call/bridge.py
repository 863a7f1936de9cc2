"""A call is a bridge of legs: every party hears the others, mixed minus itself, as its role allows."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from voicebot.audio.frame import Frame, silence
from voicebot.audio.mixing import mix


class Role(enum.Enum):
    """What a party is to the call; decides who hears it."""

    CALLER = "caller"
    BOT = "bot"
    AGENT = "agent"
    COLLEAGUE = "colleague"
    LISTENING = "listening"
    WHISPERING = "whispering"
    BARGING = "barging"


STAFF = frozenset({Role.AGENT, Role.COLLEAGUE, Role.LISTENING, Role.WHISPERING, Role.BARGING})


@dataclass(frozen=True, slots=True)
class Party:
    """A leg on the bridge. A held party hears only what the bridge plays to it and is not heard."""

    leg: str
    role: Role
    held: bool = False


def audible(speaker: Party, listener: Party) -> bool:
    """Whether `listener` hears `speaker`: a listening supervisor is heard by nobody, a whispering one by staff."""
    if speaker.leg == listener.leg or speaker.held or listener.held or speaker.role is Role.LISTENING:
        return False
    if speaker.role is Role.WHISPERING:
        return listener.role in STAFF
    return True


class Bridge:
    """Parties and what each hears in a frame, at `rate` Hz."""

    def __init__(self, rate: int) -> None:
        self._silence = silence(rate)
        self._parties: dict[str, Party] = {}
        self._heard: dict[str, tuple[str, ...]] = {}

    @property
    def parties(self) -> tuple[Party, ...]:
        """Everybody on the bridge, in order of arrival."""
        return tuple(self._parties.values())

    def add(self, leg: str, role: Role) -> None:
        """A party joins, or an existing one changes its role."""
        known = self._parties.get(leg)
        self._put(Party(leg, role, known.held if known else False))

    def remove(self, leg: str) -> Party | None:
        """A party leaves; None when it was not there."""
        gone = self._parties.pop(leg, None)
        self._rewire()
        return gone

    def hold(self, leg: str, *, held: bool) -> None:
        """Put a party on hold or take it back. KeyError when it is not on the bridge."""
        self._put(Party(leg, self._parties[leg].role, held))

    def _put(self, party: Party) -> None:
        self._parties[party.leg] = party
        self._rewire()

    def _rewire(self) -> None:
        """Who hears whom changes rarely: it is worked out here, not in every frame."""
        everybody = self._parties.values()
        self._heard = {p.leg: tuple(q.leg for q in everybody if audible(q, p)) for p in everybody}

    def hear(self, leg: str, spoken: Mapping[str, Frame]) -> Frame:
        """What `leg` hears of what the others said in this frame."""
        frames = [spoken[other] for other in self._heard.get(leg, ()) if other in spoken]
        if len(frames) == 1:
            return frames[0]
        return Frame(mix([f.samples for f in frames])) if frames else self._silence
