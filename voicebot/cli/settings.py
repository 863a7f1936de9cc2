"""`voicebot settings`: what is in force, and why."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from voicebot.cli import options


def settings(as_json: Annotated[bool, typer.Option("--json", help="A JSON object to stdout.")] = False) -> None:
    """Show every setting with its value (secrets masked) and its source."""
    from voicebot.settings_sources import flat

    loaded = options.load()
    rows = [(".".join(path), str(value), loaded.origin(path)) for path, value in flat(loaded.settings)]
    if as_json:
        sys.stdout.write(json.dumps({key: {"value": value, "from": origin} for key, value, origin in rows}) + "\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("setting", "value", "from", box=None)
    for row in rows:
        table.add_row(*row)
    Console(stderr=True).print(table)
