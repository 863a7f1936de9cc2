"""A circuit breaker: whether a server that has failed is asked again. Pure; time comes in as an argument, in seconds.

Closed, everything passes. `FAILURES` in a row open it, and nothing passes for a while; then a single request is let
through as a probe. Its success closes the circuit; its failure opens it again, for twice as long (at most `LONGEST_S`).
The pattern is that of M. Nygard, "Release It!" (2007), chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

FAILURES: Final = 3
FIRST_S: Final = 1.0
LONGEST_S: Final = 30.0
PROBE_S: Final = 5.0
"""A probe of which nothing is heard for so long is given up, and another may go."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of one server."""

    failures: int = 0
    """In a row."""
    opened: int = 0
    """How often in a row it opened; 0: it is closed."""
    until: float = 0.0
    """When open: the time from which a probe may go."""

    @property
    def is_closed(self) -> bool:
        """Whether requests pass freely."""
        return self.opened == 0

    def allows(self, now: float) -> bool:
        """Whether a request may go now."""
        return self.is_closed or now >= self.until

    def asked(self, now: float) -> Circuit:
        """A request goes out; when the circuit is open, it is the probe, and nothing else passes meanwhile."""
        return self if self.is_closed else replace(self, until=now + PROBE_S)

    def succeeded(self) -> Circuit:
        """A request was answered."""
        return Circuit()

    def failed(self, now: float, *, probe: bool) -> Circuit:
        """A request failed; `probe`: it went out while the circuit was open. Others that end late count no more."""
        if not self.is_closed and not probe:
            return self
        if self.is_closed and self.failures + 1 < FAILURES:
            return replace(self, failures=self.failures + 1)
        pause = min(LONGEST_S, FIRST_S * 2.0 ** min(self.opened, 30))
        return Circuit(FAILURES, self.opened + 1, now + pause)
