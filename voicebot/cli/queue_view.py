"""How queue entries look to people, on stderr."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.markup import escape
from rich.table import Table

from voicebot.call.handoff import TranscriptTurn
from voicebot.centre.queue import Entry
from voicebot.cli.screen import screen

LEAST_WISH = 24
"""Letters of what the caller wanted that are shown even where the line then grows too long."""
WORTH_SHOWING = 0.05
"""An intent less likely than this is not shown."""
STYLES = {"waiting": "bold yellow", "taken": "cyan", "resolved": "dim"}


def print_table(entries: list[Entry], now: datetime) -> None:
    """All entries, a line each; `queue show` has the rest."""
    if not entries:
        screen.print("Nobody waits.")
        return
    rows = [row(entry, now) for entry in entries]
    headings = ("id", "state", "waited", "queue", "prio", "reason", "caller")
    widths = [max(map(len, column)) + 2 for column in zip(headings, *(cells[:-1] for cells in rows), strict=True)]
    left = max(LEAST_WISH, screen.width - sum(widths))
    screen.print(aligned(headings, widths) + "wanted", style="bold", soft_wrap=True)
    for entry, cells in zip(entries, rows, strict=True):
        wish = cells[-1] if len(cells[-1]) <= left else f"{cells[-1][: left - 1]}…"
        screen.print(escape(aligned(cells[:-1], widths) + wish), style=STYLES[entry.state], soft_wrap=True)


def aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Cells as columns of these widths."""
    return "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))


def row(entry: Entry, now: datetime) -> tuple[str, ...]:
    """What the table says of an entry; last what the caller wanted."""
    package = entry.package
    state = entry.state + (f" by {entry.taken_by}" if entry.taken_by else "")
    wish = package.summary.split(" wanted: ", maxsplit=1)[-1]
    place = (package.queue, str(package.priority), package.reason.value, package.caller)
    return (entry.id, state, waited(entry, now), *place, wish)


def print_entry(entry: Entry, now: datetime) -> None:
    """One entry in full."""
    package = entry.package
    screen.print(f"[bold]{entry.id}[/] {escape(state_line(entry, now))}")
    screen.print(
        escape(
            f"{package.caller or 'a withheld number'} called {package.called}, {moment(package.started_at)} "
            f"({package.language}); handed off after {clock(package.at_ms)}: {package.reason.value}, "
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
            " ".join(f"{i.name} {i.confidence:.0%}" for i in turn.intents if i.confidence >= WORTH_SHOWING),
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


def moment(started_at: str) -> str:
    """When a call began, to the second."""
    return f"{datetime.fromisoformat(started_at):%Y-%m-%d %H:%M:%S %Z}".strip()


def clock(ms: int) -> str:
    """Milliseconds as 1:02 or 1:02:03."""
    seconds = ms // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02d}:{seconds % 60:02d}" if hours else f"{minutes}:{seconds % 60:02d}"
