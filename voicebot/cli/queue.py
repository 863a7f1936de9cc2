"""`voicebot queue`: the callers who wait for a human."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicebot.cli import options

if TYPE_CHECKING:
    from datetime import datetime

    from voicebot.centre.queue import CallQueue, Entry
    from voicebot.store.tables import EntryState

app = typer.Typer(no_args_is_help=True)

EntryId = Annotated[str, typer.Argument(metavar="ID", help="Such as Q-7F3K.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout.")]
Agent = Annotated[str | None, typer.Option(metavar="NAME", help="Who does it (default: your user name).")]


@app.command("list")
def show_list(
    as_json: AsJson = False,
    state: Annotated[str | None, typer.Option(help="Only waiting, taken or resolved.")] = None,
    queue: Annotated[str | None, typer.Option(metavar="NAME", help="Only this queue.")] = None,
) -> None:
    """Show the calls in the order of serving."""
    with opened() as calls:
        entries = calls.list(wanted_state(state), queue)
        if as_json:
            write_json([entry_json(entry, calls.now()) for entry in entries])
        else:
            print_table(entries, calls.now())


@app.command("show")
def show_entry(entry: EntryId, as_json: AsJson = False) -> None:
    """Show a call: summary, what the bot learnt, transcript."""
    with opened() as calls:
        report(calls.show(entry), calls.now(), as_json=as_json, whole=True)


@app.command()
def take(entry: EntryId, agent: Agent = None, as_json: AsJson = False) -> None:
    """Take a call, so that nobody else does."""
    with opened() as calls:
        report(calls.take(entry, agent or user()), calls.now(), as_json=as_json, whole=True)


@app.command()
def resolve(
    entry: EntryId,
    agent: Agent = None,
    note: Annotated[str, typer.Option(help="What came of it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say that a call you took is done."""
    with opened() as calls:
        report(calls.resolve(entry, agent or user(), note), calls.now(), as_json=as_json, whole=False)


@contextmanager
def opened() -> Iterator[CallQueue]:
    """The queue of the data directory in force; says so when calls wait outside it. Raises StoreError."""
    from voicebot.centre.queue import CallQueue
    from voicebot.store.database import Database

    with Database.from_settings(options.settings()) as database:
        yield CallQueue(database)


def user() -> str:
    """The name of who sits at the keyboard."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "agent"


def wanted_state(name: str | None) -> EntryState | None:
    """The state that --state names. Raises typer.BadParameter."""
    from voicebot.store.tables import EntryState

    try:
        return EntryState(name) if name else None
    except ValueError:
        raise typer.BadParameter(f"{name!r}; known are {', '.join(EntryState)}", param_hint="--state") from None


def entry_json(entry: Entry, now: datetime) -> dict[str, Any]:
    """An entry as one flat object: its own fields, then those of the package."""
    from voicebot.centre.package_json import encode

    return {
        "id": entry.id,
        "state": entry.state,
        "version": entry.version,
        "waiting_since": entry.waiting_since.isoformat(),
        "waited_s": round(entry.waited_s(now), 1),
        "taken_by": entry.taken_by,
        "taken_at": entry.taken_at and entry.taken_at.isoformat(),
        "resolved_at": entry.resolved_at and entry.resolved_at.isoformat(),
        "note": entry.note,
        **encode(entry.package),
    }


def write_json(value: object) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def report(entry: Entry, now: datetime, *, as_json: bool, whole: bool) -> None:
    """Show what an entry is now: as JSON, in full, or as one line."""
    from voicebot.cli import queue_view

    if as_json:
        write_json(entry_json(entry, now))
    elif whole:
        queue_view.print_entry(entry, now)
    else:
        sys.stderr.write(f"{entry.id} is {entry.state} by {entry.taken_by}\n")


def print_table(entries: list[Entry], now: datetime) -> None:
    """The list for people."""
    from voicebot.cli import queue_view

    queue_view.print_table(entries, now)
