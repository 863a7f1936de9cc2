"""Two interpreters as one: what the first does not understand in time, for whatever reason, the embedded one does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from voicebot.nlu.embedded import EmbeddedInterpreter
from voicebot.nlu.interpreter import Interpretation, Interpreter

RESERVE_MS: Final = 20
"""What the embedded interpreter is left of the deadline; it takes a millisecond or two."""


class WithFallback:
    """Never fails and is never late. Not to be used by two threads at the same time."""

    def __init__(self, first: Interpreter, embedded: EmbeddedInterpreter) -> None:
        self.first = first
        self.embedded = embedded

    @property
    def name(self) -> str:
        """Both engines."""
        return f"{self.first.name}, else {self.embedded.name}"

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        """Understand one utterance; its `engine` says who did, and in whose stead."""
        try:
            return await self.first.interpret(text, deadline_ms=max(1, deadline_ms - RESERVE_MS))
        except Exception:  # noqa: BLE001 - whatever it is, the caller gets an answer; the first engine logs its state
            instead = f"{self.embedded.name} instead of {self.first.name.split()[0]}"
            return replace(self.embedded.parse(text), engine=instead)
