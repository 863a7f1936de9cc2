"""How queue entries look to people, on stderr."""

from __future__ import annotations

from datetime import datetime

from rich.markup import escape
from rich.table import Table

from voicebot.call.handoff import TranscriptTurn
from voicebot.centre.queue import Entry
from voicebot.cli.screen import screen

STYLES = {"waiting": "bold yellow", "taken": "cyan", "resolved": "dim"}


def print_table(entries: list[Entry], now: datetime) -> None:
    """All entries, a row each."""
    if not entries:
        screen.print("Nobody waits.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "state", "waited", "queue", "prio", "reason", "caller", "summary"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"id", "state", "waited"})
    for entry in entries:
        package = entry.package
        state = entry.state + (f" by {entry.taken_by}" if entry.taken_by else "")
        cells = (package.queue, str(package.priority), package.reason.value, package.caller, package.summary)
        table.add_row(entry.id, escape(state), waited(entry, now), *map(escape, cells), style=STYLES[entry.state])
    screen.print(table)


def print_entry(entry: Entry, now: datetime) -> None:
    """One entry in full."""
    package = entry.package
    screen.print(f"[bold]{entry.id}[/] {escape(state_line(entry, now))}")
    screen.print(
        escape(
            f"{package.caller} called {package.called} at {package.started_at} ({package.language}); "
            f"handed off after {clock(package.at_ms)}: {package.reason.value}, "
            f"queue {package.queue}, priority {package.priority}"
        )
    )
    screen.print(f"\n{escape(package.summary)}\n")
    for slot in package.slots:
        screen.print(escape(f"  {slot.name} = {slot.value}{'' if slot.confirmed else ' (not confirmed)'}"))
    screen.print(transcript(package.transcript))
    if package.recording:
        screen.print(escape(f"\nrecording: {package.recording}"))


def transcript(turns: tuple[TranscriptTurn, ...]) -> Table:
    """Who said what when."""
    table = Table.grid(padding=(0, 2))
    for turn in turns:
        marks = [
            "keyed" if turn.keyed else "",
            "interrupted" if turn.interrupted else "",
            f"heard {turn.confidence:.0%}" if turn.confidence is not None and not turn.keyed else "",
            " ".join(f"{intent.name} {intent.confidence:.0%}" for intent in turn.intents),
        ]
        style = "bold" if turn.speaker == "caller" else ""
        cells = (clock(turn.start_ms), turn.speaker, turn.text, ", ".join(filter(None, marks)))
        table.add_row(*map(escape, cells), style=style)
    return table


def state_line(entry: Entry, now: datetime) -> str:
    """Where the entry stands, in words."""
    by = f" by {entry.taken_by}" if entry.taken_by else ""
    note = f": {entry.note}" if entry.note else ""
    return f"{entry.state}{by} (waited {waited(entry, now)}){note}"


def waited(entry: Entry, now: datetime) -> str:
    """How long the caller waited."""
    return clock(round(entry.waited_s(now) * 1000))


def clock(ms: int) -> str:
    """Milliseconds as 1:02 or 1:02:03."""
    seconds = ms // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02d}:{seconds % 60:02d}" if hours else f"{minutes}:{seconds % 60:02d}"
