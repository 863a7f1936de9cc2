"""The engines chosen with `voicebot models use`: a small file in the data directory, read as settings.

It is stronger than voicebot.toml, and weaker than the environment and the command line. Calls that run keep their
engines; the next call gets the new ones.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final

from voicebot.errors import VoicebotError

FILE: Final = "engines.json"


class ChoiceError(VoicebotError):
    """The file of chosen engines is damaged."""


def chosen(data: Path) -> dict[str, Any]:
    """The settings chosen, {} for none. Raises ChoiceError."""
    file = data / FILE
    try:
        values = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        values = None
    if not isinstance(values, dict) or values.keys() - {"speech"} or not isinstance(values.get("speech", {}), dict):
        raise ChoiceError(f"{file}: is damaged; delete it, and choose again with `voicebot models use`")
    return values


def stamp(data: Path) -> tuple[int, int] | None:
    """Changes whenever the choice does."""
    try:
        about = (data / FILE).stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_ino


def choose_recogniser(data: Path, model: Path) -> None:
    """Hear with the Vosk model in the directory `model`."""
    values = chosen(data)
    values.setdefault("speech", {})["model"] = str(model.absolute())
    _write(data, values)


def choose_voice(data: Path, language: str, voice: Path) -> None:
    """Speak prompts of `language` with the Piper voice `voice` (.onnx)."""
    values = chosen(data)
    voices = values.setdefault("speech", {}).setdefault("voices", {})
    voices[language] = {"synthesiser": "piper", "voice": str(voice.absolute())}
    _write(data, values)


def reset(data: Path) -> None:
    """Back to what the settings say."""
    (data / FILE).unlink(missing_ok=True)


def _write(data: Path, values: dict[str, Any]) -> None:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=data, prefix=FILE, suffix=".new")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=1)
    Path(name).replace(data / FILE)
