"""`voicebot transcribe`: what is said in audio files."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicebot.cli import options
from voicebot.errors import VoicebotError

if TYPE_CHECKING:
    from voicebot.settings import Settings
    from voicebot.speech.recogniser import Hints, Transcription
    from voicebot.speech.vosk import VoskRecogniser


class HintsError(VoicebotError):
    """Hints that cannot be read; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one file: a transcription, or the error; `notes` on how the file was read."""

    file: str
    transcription: Transcription | None = None
    notes: tuple[str, ...] = ()
    error: str = ""


def transcribe(
    audio: Annotated[list[str], typer.Argument(metavar="AUDIO...", help="WAV or FLAC files.")],
    hints: Annotated[
        str | None,
        typer.Option(
            metavar="digits|yes_no|FILE", help="What is said; FILE has one phrase a line (default: nlu_data)."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a file; times in seconds.")] = False,
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Vosk model directory (default: the setting speech.model).")
    ] = None,
) -> None:
    """Turn audio files into text, in the order given. Each is recognised as a whole.

    A file that cannot be read is reported, the others are done all the same, and the exit code is 1.
    """
    from voicebot.speech.vosk import VoskRecogniser

    settings = options.settings()
    chosen = choose_hints(hints, settings)
    recogniser = VoskRecogniser(model or settings.in_project(settings.speech.model))
    if hints is not None:
        warn_of_unknown(recogniser, chosen)
    failed = False
    for heard in progress(transcribe_all(recogniser, audio, chosen), len(audio)):
        failed |= bool(heard.error)
        report(heard)
        if as_json:
            sys.stdout.write(json_line(heard) + "\n")
        elif not heard.error:
            sys.stdout.write(readable(heard) + "\n")
        sys.stdout.flush()
    if failed:
        raise typer.Exit(1)


def choose_hints(name: str | None, settings: Settings) -> Hints:
    """The hints of the option --hints. Raises HintsError."""
    from voicebot.speech import hints

    if name == "digits":
        return hints.digits_hints(language=settings.language)
    if name == "yes_no":
        return hints.yes_no_hints(language=settings.language)
    if name is not None:
        from voicebot.speech.recogniser import Hints

        return Hints(Path(name).name, read_phrases(Path(name)))
    return hints.open_hints(project_phrases(settings), settings.language)


def read_phrases(path: Path) -> tuple[str, ...]:
    """The phrases of a file, one a line, in lower case and without punctuation. Raises HintsError."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise HintsError(
            f"There are no hints {str(path)!r}: give digits, yes_no, or a file with one phrase a line."
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise HintsError(f"The hints {path} cannot be read: {reason}.") from error
    phrases = tuple(" ".join(re.sub(r"[^\w\s'\[\]-]", " ", line.lower()).split()) for line in lines)
    if not any(phrases):
        raise HintsError(f"The hints {path} hold no phrase; write one a line.")
    return tuple(phrase for phrase in phrases if phrase)


def project_phrases(settings: Settings) -> tuple[str, ...]:
    """What callers of the project say; nothing when it has no training data."""
    from voicebot.nlu.phrases import example_phrases

    directory = settings.project / "nlu_data"
    return example_phrases(directory) if directory.is_dir() else ()


def transcribe_all(recogniser: VoskRecogniser, files: Iterable[str], hints: Hints) -> Iterator[Heard]:
    """What is said in each file, in order, on all processors."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(lambda file: transcribe_one(recogniser, file, hints), files)


def transcribe_one(recogniser: VoskRecogniser, file: str, hints: Hints) -> Heard:
    """What is said in one file, or why that cannot be told."""
    from voicebot.audio.files import read_audio_at
    from voicebot.audio.frame import RATES
    from voicebot.speech.whole import recognise_whole

    try:
        audio = read_audio_at(file, recogniser.rate if recogniser.rate in RATES else RATES[-1])
        return Heard(file, recognise_whole(recogniser, audio.samples, audio.rate, hints), audio.notes)
    except (VoicebotError, OSError, ValueError) as error:
        return Heard(file, error=str(error))


def progress(results: Iterator[Heard], total: int) -> Iterator[Heard]:
    """The results, with a bar on a terminal when there are many."""
    if total < 5 or not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(results, "transcribing", total, console=Console(stderr=True), transient=True)


def warn_of_unknown(recogniser: VoskRecogniser, hints: Hints) -> None:
    """Say which words of the hints the model cannot hear."""
    unknown = recogniser.unknown_words(hints)
    if unknown and hints.name not in ("digits", "yes_no"):
        sys.stderr.write(f"voicebot: {recogniser.name} does not know: {', '.join(unknown)}\n")


def report(heard: Heard) -> None:
    """What is to be said about a file beside its text."""
    if heard.error:
        sys.stderr.write(f"voicebot: {heard.error}\n")
    for note in heard.notes:
        sys.stderr.write(f"{heard.file}: {note}\n")


def json_line(heard: Heard) -> str:
    """One line: file, text, confidence, words with start and end in seconds; and the error, if any."""
    from voicebot.speech.whole import without_unknown

    best = heard.transcription.best if heard.transcription else None
    words = without_unknown(best.words) if best else ()
    line: dict[str, Any] = {
        "file": heard.file,
        "text": " ".join(word.text for word in words),
        "confidence": best.confidence if best else 0.0,
        "words": [
            {"word": w.text, "start": w.start_ms / 1000, "end": w.end_ms / 1000, "confidence": w.confidence}
            for w in words
        ],
    }
    if heard.error:
        line["error"] = heard.error
    return json.dumps(line, ensure_ascii=False)


def readable(heard: Heard) -> str:
    """File, confidence and text for a person."""
    line = json.loads(json_line(heard))
    return f"{heard.file}: {line['text'] or '(nothing heard)'} ({line['confidence']:.2f})"
