"""`voicebot replay`: recorded callers through the call, in virtual time."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.cli import options
from voicebot.cli.output import check_target, write_whole
from voicebot.cli.screen import progress, screen

if TYPE_CHECKING:
    from voicebot.qa.replay import Replayed


def replay(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Fixtures (.yml or .wav) or directories.")],
    json_out: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write results and timelines here; - for stdout.")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", metavar="DIR", help="Draw every call into this directory, as SVG.")
    ] = None,
) -> None:
    """Run recorded callers through the call and check what comes of them."""
    from voicebot.media.house import House
    from voicebot.qa import fixture
    from voicebot.qa.replay import replay as run

    to_stdout = str(json_out) == "-"
    if json_out is not None and not to_stdout:
        check_target(json_out)
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    fixtures = [fixture.load(path) for path in fixture.find(paths)]
    results: list[Replayed] = []
    started = time.monotonic()
    with progress("Replaying", len(fixtures)) as advance:
        house = House.open(options.settings())
        for one in fixtures:
            results.append(run(one, house))
            advance(one.name)
    seconds = time.monotonic() - started
    try:
        if json_out is not None and not to_stdout:
            write_whole(json_out, _json(results))
        if pictures is not None:
            _draw(results, pictures)
    finally:
        _show(results, seconds)
    if to_stdout:
        sys.stdout.write(_json(results))
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _show(results: list[Replayed], seconds: float) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("", "fixture", "outcome", "answer delay", "call", "replayed"):
        table.add_column(column, justify="right" if column in ("answer delay", "call", "replayed") else "left")
    for result in results:
        outcome, delays = result.outcome, result.outcome.delays_ms()
        table.add_row(
            "[green]pass[/]" if result.passed else "[red]FAIL[/]",
            escape(result.fixture.name),
            outcome.ended,
            f"{max(delays)} ms" if delays else "",
            f"{outcome.duration_ms / 1000:.1f} s",
            f"{outcome.duration_ms / 1000 / max(result.cpu_s, 1e-6):.0f}x",
        )
    screen.print(table)
    for result in results:
        for failure in result.failures:
            screen.print(f"[red]{escape(result.fixture.name)}[/]: {escape(failure)}")
    passed = sum(result.passed for result in results)
    screen.print(f"{passed} passed, {len(results) - passed} failed in {seconds:.1f} s")


def _json(results: list[Replayed]) -> str:
    from voicebot.qa.replay import report

    return json.dumps(report(results), ensure_ascii=False, indent=1) + "\n"


def _draw(results: list[Replayed], folder: Path) -> None:
    from voicebot.qa.picture import picture

    for result in results:
        drawing = picture(result.fixture.title, result.outcome.timeline, result.leg.said, result.leg.heard)
        (folder / f"{result.fixture.name.replace('/', '-')}.svg").write_text(drawing, encoding="utf-8")
    screen.print(f"pictures of the calls are in {folder}")
