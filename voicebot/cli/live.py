"""The live transcript of a call on the terminal: who said what, when, and what the bot made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from voicebot.call.timeline import (
    BargedIn,
    CallEnded,
    Entry,
    HandedOff,
    Heard,
    JobLost,
    KeyPressed,
    Meant,
    PromptEnded,
    PromptStarted,
    RecordingChanged,
    SilenceElapsed,
)
from voicebot.dialogue.events import NotUnderstood, SlotSet


def _aside(text: str) -> str:
    return f"        [dim]→ {text}[/]"


def _caller(text: str, note: str) -> str:
    return f"[green]caller[/] {text}  [dim]{note}[/]"


def _prompt(event: PromptStarted) -> str:
    delay = f"  [dim]({event.delay_ms} ms after the caller's last word)[/]" if event.delay_ms else ""
    return f"[cyan]bot   [/] {escape(event.text)}{delay}"


def _prompt_end(event: PromptEnded) -> str:
    return "" if event.complete else f"[cyan]bot   [/] [dim]stopped after “{escape(event.said)}”[/]"


def _barge_in(event: BargedIn) -> str:
    return _aside(f"the bot goes on ({escape(event.reason)})") if event.decision == "resumed" else ""


LINES: Final[Mapping[type, Callable[[Any], str]]] = {
    PromptStarted: _prompt,
    PromptEnded: _prompt_end,
    Heard: lambda e: _caller(escape(e.text), f"(heard with {e.confidence:.2f})"),
    KeyPressed: lambda e: _caller(escape(e.key), "(key)"),
    Meant: lambda e: _aside(f"{escape(e.intent)} {e.confidence:.2f} {escape(e.engine)}"),
    SlotSet: lambda e: _aside(f"{escape(e.name)} = {escape(str(e.value))}") if e.value is not None else "",
    BargedIn: _barge_in,
    SilenceElapsed: lambda e: _aside(f"{e.after_ms / 1000:.1f} s of silence"),
    NotUnderstood: lambda e: _aside(f"{escape(e.kind)} no. {e.count}: {escape(e.step)}"),
    RecordingChanged: lambda e: _aside(f"recording {escape(e.state)}"),
    JobLost: lambda e: f"        [red]→ {escape(e.kind)}: {escape(e.error)}[/]",
    HandedOff: lambda e: _aside(f"[magenta]handed off as {e.entry} to queue {escape(e.queue)} ({e.reason})[/]"),
    CallEnded: lambda e: _aside(f"[magenta]{escape(e.outcome)}: {escape(e.reason)}[/]"),
}
"""How the entries that a person wants to see are shown."""


class LiveView:
    """Prints the timeline as it grows."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, entries: Sequence[Entry]) -> None:
        """Print these entries."""
        for entry in entries:
            show = LINES.get(type(entry.event))
            line = show(entry.event) if show else ""
            if line:
                self._console.print(f"[dim]{entry.at_ms / 1000:6.2f}[/]  {line}", soft_wrap=True)
