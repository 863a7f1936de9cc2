"""`voicebot nlu`: what texts mean."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

from voicebot.cli import options
from voicebot.cli.train import model_directory, nlu_directory, say

if TYPE_CHECKING:
    from voicebot.nlu.interpreter import Interpretation, Interpreter

START_S: Final = 600.0
"""How long a Rasa server of our own may take to train and to start."""

app = typer.Typer(no_args_is_help=True)


@app.callback()
def nlu() -> None:
    """Understand texts: intents and entities."""


@app.command()
def parse(
    texts: Annotated[list[str] | None, typer.Argument(metavar="[TEXT]...", help="Texts to understand.")] = None,
    file: Annotated[
        str | None, typer.Option(metavar="F", help="A file with a text a line; - is standard input.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="embedded or rasa (default: the setting nlu.engine).")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON on a terminal too, where the default is for reading.")
    ] = False,
) -> None:
    """Print one JSON line a text, in order: text, intent with confidence, entities."""
    if not texts and file is None:
        raise typer.BadParameter("give texts, or --file F")
    interpreter, deadline_ms = open_interpreter(engine)
    show = json_line if as_json or not sys.stdout.isatty() else readable
    asyncio.run(_answer_all(_all_texts(texts or [], file), interpreter, deadline_ms, show))


async def _answer_all(
    texts: Iterator[str], interpreter: Interpreter, deadline_ms: int, show: Callable[[Interpretation], str]
) -> None:
    from voicebot.nlu.interpreter import InterpreterError

    for text in texts:
        try:
            meaning = await interpreter.interpret(text, deadline_ms=deadline_ms)
        except TimeoutError as error:
            raise InterpreterError(f"{interpreter.name} did not answer within {deadline_ms} ms") from error
        sys.stdout.write(show(meaning) + "\n")


def open_interpreter(engine: str | None) -> tuple[Interpreter, int]:
    """The interpreter of the settings (or of `engine`), trained first when need be, and its deadline in ms."""
    from voicebot.nlu.embedded import open_embedded

    settings = options.settings()
    chosen = engine or settings.nlu.engine
    if chosen not in {"embedded", "rasa"}:
        raise typer.BadParameter(f"there is no engine {chosen!r}; choose embedded or rasa")
    embedded = open_embedded(nlu_directory(settings), model_directory(settings), say)
    if chosen == "embedded":
        return embedded, settings.nlu.deadline_ms
    from voicebot.media.rasa import open_rasa

    return open_rasa(settings, embedded.model, wait_s=START_S), settings.nlu.deadline_ms


def json_line(meaning: Interpretation) -> str:
    """An interpretation as one line of JSON."""
    document: dict[str, Any] = {
        "text": meaning.text,
        "intent": {"name": meaning.intent.name, "confidence": round(meaning.intent.confidence, 4)},
        "entities": [
            {"entity": entity.name, "value": entity.value, "start": entity.start, "end": entity.end}
            for entity in meaning.entities
        ],
    }
    return json.dumps(document)


def readable(meaning: Interpretation) -> str:
    """An interpretation as one line for a person."""
    found = " ".join(f"{entity.name}={entity.value}" for entity in meaning.entities)
    return f"{meaning.intent.name:22}{meaning.intent.confidence:5.2f}  {meaning.text}{'  | ' + found if found else ''}"


def _all_texts(texts: list[str], file: str | None) -> Iterator[str]:
    """The texts of the command line, then the lines of the file, as they come."""
    yield from texts
    if file is None:
        return
    with _opened(file) as lines:
        for line in lines:
            yield line.removesuffix("\n").removesuffix("\r")


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    """A text file or standard input; bytes that are not UTF-8 become replacement characters."""
    if file == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr]
        yield sys.stdin
        return
    with Path(file).open(encoding="utf-8", errors="replace", newline="\n") as lines:
        yield lines
