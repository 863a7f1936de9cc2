"""The `voicebot` command: finds the command asked for, runs it, and turns every failure into one sentence.

A command's module is imported only when that command is run, so that `voicebot --help` is quick.
Results (JSON) go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from voicebot import __version__
from voicebot.cli import options
from voicebot.errors import VoicebotError


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives: `target` is a function or a Typer application in `voicebot.cli.<module>`."""

    module: str
    target: str
    help: str


COMMANDS = {
    "demo": Entry("demo", "demo", "Serve one recorded caller end to end, with the live transcript."),
    "chat": Entry("chat", "chat", "The same conversation in text."),
    "train": Entry("train", "train", "Check the project, and train its intent model."),
    "transcribe": Entry("transcribe", "transcribe", "Turn audio files into text."),
    "say": Entry("say", "say", "Turn text into an audio file."),
    "nlu": Entry("nlu", "app", "Understand texts: intents and entities."),
    "rasa": Entry("rasa", "app", "Train and serve Rasa in its own environment."),
    "replay": Entry("replay", "replay", "Run recorded callers through the call and check what comes of them."),
    "queue": Entry("queue", "app", "The callers who wait for a human."),
    "recording": Entry("recording", "app", "Recorded calls."),
    "models": Entry("models", "app", "Speech models: list, pull, verify, remove, use."),
    "engines": Entry("engines", "engines", "What serves the calls: version, model, licence, speed on this machine."),
    "settings": Entry("settings", "settings", "Show the settings in force and where each comes from."),
}


def show_version(value: bool) -> None:
    """Print the version and stop, when asked for."""
    if value:
        typer.echo(f"voicebot {__version__}")
        raise typer.Exit


def shared_options(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where state lives (default: VOICEBOT_DATA or ./var).")
    ] = None,
    project: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Directory with nlu_data, prompts, models and voicebot.toml.")
    ] = None,
    version: Annotated[  # noqa: ARG001 - done by its callback
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """A voice-AI call centre that runs offline. The two directory options may stand anywhere on the line."""
    options.override(data=data, project=project)


def placeholder() -> None:
    """Stands in the list of commands for one that this run does not need."""


def build(wanted: str | None) -> typer.Typer:
    """The application, with only the command `wanted` imported."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(shared_options)
    for name, entry in COMMANDS.items():
        target: Any = placeholder
        if name == wanted:
            target = getattr(importlib.import_module(f"voicebot.cli.{entry.module}"), entry.target)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name, help=entry.help)
        else:
            app.command(name, help=entry.help)(target)
    return app


def shared_first(arguments: list[str]) -> list[str]:
    """The arguments with --data and --project, wherever they stand, moved before the command."""
    first: list[str] = []
    rest: list[str] = []
    line = iter(arguments)
    for argument in line:
        if argument == "--":
            rest += [argument, *line]
        elif argument in ("--data", "--project"):
            first += [argument, *([value] if (value := next(line, None)) is not None else [])]
        elif argument.startswith(("--data=", "--project=")):
            first.append(argument)
        else:
            rest.append(argument)
    return first + rest


def command_in(arguments: list[str]) -> str | None:
    """The command among `arguments` as `shared_first` orders them, if any."""
    words = iter(arguments)
    for word in words:
        if word in ("--data", "--project"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def sentence(error: BaseException) -> str:
    """What went wrong, for a person."""
    if isinstance(error, VoicebotError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    from voicebot.dialogue.masking import mask_text

    message = mask_text(str(error).partition("\n")[0])[:200]  # the rest may hold what a caller said
    return f"internal error ({type(error).__name__}: {message}); VOICEBOT_DEBUG=1 shows where it arose"


def debugging() -> bool:
    """Whether the user asked for stack traces."""
    return os.environ.get("VOICEBOT_DEBUG", "") not in ("", "0")


def run(arguments: list[str]) -> int:
    """Run the command line `arguments`; the exit code."""
    arguments = shared_first(arguments)
    try:
        build(command_in(arguments))(args=arguments, prog_name="voicebot")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last stop: no stack trace reaches a user who did not ask for it
        if debugging():
            traceback.print_exc()
        sys.stderr.write(f"voicebot: {sentence(error)}\n")
        return 1
    return 0


def flush() -> None:
    """Write out stdout; a reader that has left (`| head`) is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complete_streams() -> None:
    """Give a process that was started without stdin, stdout or stderr empty ones.

    Otherwise the next file to be opened, a database perhaps, would take their number, and what a library prints.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)  # the lowest that is free
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def main() -> None:
    """Entry point of the `voicebot` script."""
    complete_streams()
    code = run(sys.argv[1:])
    flush()
    sys.exit(code)
