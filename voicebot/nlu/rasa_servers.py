"""Which of several Rasa servers is asked next: a bounded number of requests in flight each, and a circuit breaker each.

No clock and no waiting; time comes in as an argument, in seconds. May be used by several threads.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from voicebot.nlu.circuit import Circuit

MOST_IN_FLIGHT: Final = 4
"""Requests at once to a server; it works on one at a time, and its slowest tenth explodes above this."""
LOST_S: Final = 10.0
"""A request that has not come back for so long is not in flight any more: its event loop was given up."""


@dataclass(slots=True, eq=False)
class Server:
    """A Rasa server, as its clients see it."""

    url: str
    name: str
    """What it is called in transcripts: its address, or the model that it is known to have."""
    circuit: Circuit = field(default_factory=Circuit)
    started: list[float] = field(default_factory=list)
    """When each request in flight went out."""
    asked_at: int = 0
    """The number of the last request to it, of all requests."""

    def has_room(self, now: float) -> bool:
        """Whether another request may go to it."""
        self.started = [at for at in self.started if now - at < LOST_S]
        return len(self.started) < MOST_IN_FLIGHT and self.circuit.allows(now)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that has gone out."""

    server: Server
    at: float
    is_probe: bool


class Servers:
    """The servers that share the requests."""

    def __init__(self, urls: Sequence[str] = ()) -> None:
        self._lock = threading.Lock()
        self._asked = 0
        self._servers: tuple[Server, ...] = tuple(Server(url, url) for url in urls)

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses in use."""
        return tuple(server.url for server in self._servers)

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(server.name for server in self._servers)

    def use(self, named: Mapping[str, str]) -> None:
        """Send what comes now to these (address: name), of which nothing bad is known yet.

        What is under way elsewhere ends there.
        """
        with self._lock:
            self._servers = tuple(Server(url, name) for url, name in named.items())

    def ask(self, now: float, *, without: Sequence[Server] = ()) -> Request | None:
        """Send a request to the least busy server that may be asked, in turn; None: none may be asked now."""
        with self._lock:
            free = [server for server in self._servers if server not in without and server.has_room(now)]
            if not free:
                return None
            server = min(free, key=lambda one: (len(one.started), one.asked_at))
            self._asked += 1
            server.asked_at = self._asked
            request = Request(server, now, not server.circuit.is_closed)
            server.circuit = server.circuit.asked(now)
            server.started.append(now)
            return request

    def busy(self, now: float, *, without: Sequence[Server] = ()) -> bool:
        """Whether a working server only waits for one of its requests to end."""
        with self._lock:
            return any(s.circuit.is_closed and not s.has_room(now) for s in self._servers if s not in without)

    def ended(self, request: Request, now: float, *, answered: bool | None) -> bool:
        """A request has come back; `answered` None: nothing is learnt from it. Whether its circuit opened or closed."""
        server = request.server
        with self._lock:
            if request.at in server.started:
                server.started.remove(request.at)
            was_closed = server.circuit.is_closed
            if answered is not None:
                failed = server.circuit.failed(now, probe=request.is_probe)
                server.circuit = server.circuit.succeeded() if answered else failed
            return server.circuit.is_closed != was_closed
