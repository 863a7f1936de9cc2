"""`voicebot train`: the intent model from the project's training data."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.cli import options

if TYPE_CHECKING:
    from voicebot.nlu.training import TrainingReport
    from voicebot.settings import Settings


def nlu_directory(settings: Settings) -> Path:
    """The project's training data."""
    return settings.in_project(Path("nlu_data"))


def model_directory(settings: Settings) -> Path:
    """Where the trained model is kept: with the state, since the project may be read-only."""
    return settings.data / "models" / "nlu"


def say(stage: str) -> None:
    """Tell the user what is going on."""
    sys.stderr.write(f"{stage}\n")


def train(
    nlu: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Training data (default: nlu_data of the project).")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the model goes (default: models/nlu of the data directory)."),
    ] = None,
) -> None:
    """Train the intent model."""
    from voicebot.nlu.embedded import train as train_model

    settings = options.settings()
    source, target = nlu or nlu_directory(settings), out or model_directory(settings)
    started = time.monotonic()
    report = train_model(source, target, say)
    sys.stderr.write(report_text(report, time.monotonic() - started, target))


def report_text(report: TrainingReport, seconds: float, target: Path) -> str:
    """A training report to read: warnings last, where they are seen."""
    lines = [f"{intent:24}{count:5}" for intent, count in report.intents.items()]
    lines.append(f"{len(report.intents)} intents, {report.examples} examples, {seconds:.1f} s")
    for share, meaning in (
        (report.accuracy, "of the examples are understood by a model trained without them"),
        (report.turned_away, "of the in-scope ones are taken for out of scope"),
        (report.caught, "of the out-of-scope ones are recognised as such"),
    ):
        if share is not None:
            lines.append(f"{share:6.1%} {meaning}")
    lines.append(f"model: {target}")
    lines += [f"warning: {notice}" for notice in report.notices]
    return "\n".join(lines) + "\n"
