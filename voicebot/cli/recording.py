"""`voicebot recording`: recorded calls."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.cli import options

if TYPE_CHECKING:
    from voicebot.store.recordings import Recording, RecordingStore

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def show_list(as_json: Annotated[bool, typer.Option("--json", help="A JSON list to stdout.")] = False) -> None:
    """Show the recordings of the data directory."""
    from voicebot.cli.queue import write_json

    recordings = readable(store())
    if as_json:
        write_json([recording_json(recording) for recording in recordings])
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("call", "begins", "seconds", "Hz", "file", box=None, pad_edge=False)
    for recording in recordings:
        facts = recording_json(recording)
        table.add_row(*(str(facts[key]) for key in ("call_id", "begins_at", "duration_s", "rate", "file")))
    Console(stderr=True).print(table if recordings else "There are no recordings.")


@app.command()
def export(
    name: Annotated[str, typer.Argument(metavar="ID", help="Call id, or file.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT.wav", help="The WAV file to write.")],
) -> None:
    """Write a recording as a stereo WAV file: caller left, the other side right."""
    from voicebot.store.recordings import Recording

    recording = Recording.open(store().find(name))
    missing = recording.export_wav(out)
    note = f"; {missing} s were damaged and are silent" if missing else ""
    sys.stderr.write(f"{out}: {recording.duration_s:.1f} s{note}\n")


def store() -> RecordingStore:
    """The recordings of the data directory in force."""
    from voicebot.store.recordings import RecordingStore

    return RecordingStore(options.settings().recordings)


def readable(recordings: RecordingStore) -> list[Recording]:
    """All recordings that can be opened; the others are named on stderr."""
    from voicebot.store.recording_format import RecordingError
    from voicebot.store.recordings import Recording

    found = []
    for path in recordings.list():
        try:
            found.append(Recording.open(path))
        except RecordingError as error:
            sys.stderr.write(f"voicebot: {error}\n")
    return found


def recording_json(recording: Recording) -> dict[str, object]:
    """A recording as the list shows it."""
    return {
        "call_id": recording.header.call_id,
        "file": recording.path.name,
        "begins_at": recording.begins_at.isoformat(),
        "duration_s": round(recording.duration_s, 2),
        "rate": recording.header.rate,
    }
