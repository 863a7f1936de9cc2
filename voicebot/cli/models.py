"""`voicebot models`: speech models to hear and speak with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicebot.cli import options

if TYPE_CHECKING:
    from voicebot.models.catalogue import Catalogue
    from voicebot.models.fetch import Progress
    from voicebot.models.record import Record
    from voicebot.models.shelf import Shelf
    from voicebot.settings import Settings

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A model's name, as `voicebot models list` shows it.")]


@app.command("list")
def show_list(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list to stdout.")] = False,
    language: Annotated[str | None, typer.Option(metavar="LANG", help="Only models for en, de, hu or zh.")] = None,
) -> None:
    """Show the models that can be pulled, and those installed."""
    from voicebot.cli.queue import write_json

    settings = options.settings()
    known = catalogue(settings)
    rows = model_rows(settings, known)
    if language is not None:
        rows = [row for row in rows if language in row["languages"]]
    if as_json:
        write_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "languages", "MB", "state", "good for", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for row in rows:
        megabytes = f"{row['bytes'] / 1e6:,.0f}" if row["bytes"] else ""
        about = f"{row['good_for']} [dim]({row['engine']}, {row['rate']} Hz; licence: {row['licence']})[/]"
        table.add_row(row["name"], " ".join(row["languages"]), megabytes, row["state"], about)
    console = Console(stderr=True, highlight=False)
    console.print(table)
    for note in known.gaps:
        console.print(note)


@app.command()
def pull(
    name: Name,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="PATH", help="A directory or archive, instead of the network.")
    ] = None,
) -> None:
    """Get a model: download it, or take it from a directory or archive; check it, and install it."""
    settings = options.settings()
    models = shelf(settings)
    if any(record.name == name for record in models.installed()) and source is None:
        sys.stderr.write(f"{name} is installed already; `voicebot models verify` checks it\n")
        return
    if source is not None:
        record = models.add(source, name, catalogue(settings).models.get(name))
    else:
        model = catalogue(settings).find(name)
        with download_bar(name) as progress:
            record = models.pull(model, progress, mirror=settings.models.mirror)
    sys.stderr.write(f"{name} is installed (licence: {record.licence}); `voicebot models use {name}` makes it serve\n")


@app.command()
def verify(name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Default: all.")] = None) -> None:
    """Check that the files of installed models are as they were installed."""
    models = shelf(options.settings())
    names = [name] if name else [record.name for record in models.installed()]
    bad = {each: found for each in names if (found := models.verify(each))}
    for each in names:
        sys.stderr.write(f"{each}: {'; '.join(bad.get(each, ['as installed']))}\n")
    if bad:
        raise typer.Exit(1)


@app.command()
def remove(name: Name) -> None:
    """Delete an installed model."""
    settings = options.settings()
    if used_for(settings, shelf(settings).path(name)):
        from voicebot.models.catalogue import ModelError

        raise ModelError(f"{name} serves the calls; let another one serve first (`voicebot models use`)")
    shelf(settings).remove(name)
    sys.stderr.write(f"{name} is removed\n")


@app.command()
def use(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="An installed model.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to what the settings say.")] = False,
) -> None:
    """Let an installed model serve, from the next call on."""
    from voicebot.models import chosen

    settings = options.settings()
    if reset:
        chosen.reset(settings.data)
        sys.stderr.write("from the next call on, the engines are those of the settings\n")
        return
    if name is None:
        raise typer.BadParameter("give a model's name, or --reset", param_hint="NAME")
    record, path = shelf(settings).find(name), shelf(settings).path(name)
    check_language(settings, record)
    check_loads(record, path)
    if record.engine == "vosk":
        chosen.choose_recogniser(settings.data, path)
    else:
        chosen.choose_voice(settings.data, settings.language, path)
    report_use(name, path)


def report_use(name: str, path: Path) -> None:
    """Say what serves from now on, also where something stronger than the choice decides."""
    if used_for(options.settings(), path):
        sys.stderr.write(f"{name} serves from the next call on\n")
        return
    sys.stderr.write(
        f"{name} is chosen, but the environment or the command line names another; see `voicebot settings`\n"
    )


def used_for(settings: Settings, path: Path) -> bool:
    """Whether the settings name the model at `path`."""
    spoken = settings.spoken
    named = [settings.speech.model] + ([Path(spoken.voice)] if spoken.synthesiser == "piper" and spoken.voice else [])
    return any(settings.in_project(each).resolve() == path.resolve() for each in named)


def check_language(settings: Settings, record: Record) -> None:
    """Raises ModelError for a model of another language than the calls'."""
    from voicebot.models.catalogue import ModelError

    if record.languages and settings.language not in record.languages:
        raise ModelError(
            f"{record.name} is for {' '.join(record.languages)}, and callers are served in {settings.language} "
            "(setting language); choose another model"
        )


def check_loads(record: Record, path: Path) -> None:
    """Load the model once, so that a bad one is refused now. Raises RecogniserError or SynthesiserError."""
    if record.engine == "vosk":
        from voicebot.speech.vosk import VoskRecogniser

        VoskRecogniser(path)
    else:
        from voicebot.speech.piper import PiperSynthesiser

        PiperSynthesiser(path)


def model_rows(settings: Settings, known: Catalogue) -> list[dict[str, Any]]:
    """The catalogue's models, then installed ones that are not in it."""
    models = shelf(settings)
    here = {record.name: record for record in models.installed()}
    rows = [
        {
            "name": model.name,
            "engine": model.engine,
            "languages": list(model.languages),
            "rate": model.rate,
            "bytes": model.about,
            "licence": model.licence,
            "good_for": model.good_for,
        }
        for model in known.models.values()
    ]
    rows += [
        {
            "name": record.name,
            "engine": record.engine,
            "languages": list(record.languages),
            "rate": record.rate,
            "bytes": 0,
            "licence": record.licence,
            "good_for": f"from {record.source}",
        }
        for record in here.values()
        if record.name not in known.models
    ]
    return [row | {"state": state(settings, models, str(row["name"]), here)} for row in rows]


def state(settings: Settings, models: Shelf, name: str, here: dict[str, Record]) -> str:
    """ "", "installed" or "serves"."""
    if name not in here:
        return ""
    return "serves" if used_for(settings, models.path(name)) else "installed"


def catalogue(settings: Settings) -> Catalogue:
    """The project's catalogue, else the one that comes with voicebot. Raises ModelError."""
    from voicebot.models.catalogue import FILE, load_catalogue
    from voicebot.settings import CHECKOUT

    own = settings.project / FILE
    return load_catalogue(own if own.exists() else CHECKOUT / FILE)


def shelf(settings: Settings) -> Shelf:
    """The installed models."""
    from voicebot.models.shelf import Shelf

    return Shelf(settings.models_shelf)


@contextmanager
def download_bar(name: str) -> Iterator[Progress]:
    """A progress bar of bytes on a terminal, nothing elsewhere."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from voicebot.cli.screen import screen

    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(name, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield advance
