"""`voicebot engines`: what serves the calls on this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from voicebot.cli import options


def engines(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list to stdout.")] = False,
    speed: Annotated[bool, typer.Option(help="Measure the chosen engines (a few seconds).")] = True,
) -> None:
    """Show every engine: whether it is installed and chosen, version, model, licence, and speed on this machine."""
    from voicebot.cli.queue import write_json
    from voicebot.cli.screen import screen
    from voicebot.media.survey import survey

    found = list(survey(options.settings(), measure=speed))
    if as_json:
        write_json([asdict(engine) for engine in found])
        return
    from rich.table import Table

    table = Table("job", "engine", "state", "what, licence and speed", box=None, pad_edge=False)
    for engine in found:
        state = "serves" if engine.chosen else "installed" if engine.installed else "not installed"
        about = (" ".join(filter(None, (engine.version, engine.model))), engine.licence, engine.speed, engine.problem)
        table.add_row(engine.job, engine.engine, state, "\n".join(filter(None, about)))
    for column in table.columns[:3]:
        column.no_wrap = True
    screen.print(table)
