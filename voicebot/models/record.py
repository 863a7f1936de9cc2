"""What is known of an installed model: a small JSON file inside its directory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from voicebot.models.catalogue import EngineName, Model, ModelError
from voicebot.models.fetch import digest
from voicebot.speech.piper_settings import read_settings
from voicebot.speech.synthesiser import SynthesiserError

FILE: Final = "voicebot-model.json"


@dataclass(frozen=True, slots=True)
class Record:
    """An installed model. `path` is what a setting names; `files` maps each file to its SHA-256; `rate` in Hz."""

    name: str
    engine: EngineName
    languages: tuple[str, ...]
    rate: int
    licence: str
    source: str
    path: str
    files: dict[str, str]


def inspect(directory: Path, name: str, model: Model | None, source: str) -> Record:
    """Look at an unpacked model, as its engine would, and record it. Raises ModelError."""
    voices = sorted(directory.glob("*.onnx"))
    engine: EngineName = "piper" if voices else "vosk"
    if model is not None and model.engine != engine:
        raise ModelError(f"{source} holds a {engine} model, but {name} is one for {model.engine}; nothing was kept")
    if len(voices) > 1:
        raise ModelError(f"{source} holds {len(voices)} voices; give a directory or archive with one")
    languages, rate = _voice_facts(voices[0]) if voices else _vosk_facts(directory)
    files = {str(path.relative_to(directory)): digest(path) for path in sorted(directory.rglob("*")) if path.is_file()}
    return Record(
        name=name,
        engine=engine,
        languages=model.languages if model else languages,
        rate=rate,
        licence=model.licence if model else "not known here",
        source=source,
        path=voices[0].name if voices else "",
        files=files,
    )


def _voice_facts(voice: Path) -> tuple[tuple[str, ...], int]:
    try:
        settings = read_settings(voice)
        language = settings.get("language", {}).get("family") or settings["espeak"]["voice"].split("-")[0]
        return (str(language),), int(settings["audio"]["sample_rate"])
    except SynthesiserError as error:
        raise ModelError(str(error)) from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ModelError(f"{voice.name}.json is not the settings of a Piper voice; get the voice again") from None


def _vosk_facts(directory: Path) -> tuple[tuple[str, ...], int]:
    from voicebot.speech.recogniser import RecogniserError
    from voicebot.speech.vosk_model import inspect_model

    try:
        return (), inspect_model(directory).rate
    except RecogniserError as error:
        raise ModelError(f"This is no model that can be used. {error}") from None


def write(record: Record, directory: Path) -> None:
    """Put the record into the model's directory."""
    (directory / FILE).write_text(json.dumps(asdict(record), indent=1) + "\n", "utf-8")


def read(directory: Path) -> Record:
    """The record of an installed model. Raises ModelError."""
    try:
        values = json.loads((directory / FILE).read_text("utf-8"))
        return Record(**{**values, "languages": tuple(values["languages"])})
    except (OSError, ValueError, TypeError, KeyError):
        raise ModelError(f"{directory} has no readable {FILE}; remove the model and pull it again") from None


def problems(record: Record, directory: Path) -> list[str]:
    """What is no longer as it was installed; empty when all is well."""
    found = []
    for name, sha256 in record.files.items():
        path = directory / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif digest(path) != sha256:
            found.append(f"{name} has changed")
    there = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
    return found + [f"{name} does not belong there" for name in sorted(there - record.files.keys() - {FILE})]
