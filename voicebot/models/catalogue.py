"""The catalogue of speech models (`models/catalogue.toml`): where each comes from and what it is good for."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from voicebot.errors import VoicebotError

FILE: Final = Path("models/catalogue.toml")
"""In the project directory."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}")
"""Names become directory names."""

EngineName = Literal["vosk", "piper"]
ENGINES: Final[tuple[EngineName, ...]] = ("vosk", "piper")

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MODEL_KEYS: Final = {"name", "engine", "languages", "rate", "licence", "good_for", "file"}
_FILE_KEYS: Final = {"url", "size", "about", "sha256"}


class ModelError(VoicebotError):
    """A model cannot be found, fetched, trusted or used; the message says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file to download. `size` in bytes and `sha256` (hex) are None where not known; `about` is for people."""

    url: str
    size: int | None
    about: int
    sha256: str | None

    @property
    def name(self) -> str:
        """The last part of the URL's path."""
        return urlsplit(self.url).path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Model:
    """A speech model; `rate` in Hz. A Vosk model is one archive, a Piper voice an .onnx file and its .onnx.json."""

    name: str
    engine: EngineName
    languages: tuple[str, ...]
    rate: int
    licence: str
    good_for: str
    files: tuple[ModelFile, ...]

    @property
    def about(self) -> int:
        """Bytes to download, roughly."""
        return sum(file.about for file in self.files)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models by name, and notes on what there is not."""

    models: dict[str, Model]
    gaps: tuple[str, ...] = ()

    def find(self, name: str) -> Model:
        """The model `name`. Raises ModelError."""
        if name not in self.models:
            close = difflib.get_close_matches(name, self.models, n=3, cutoff=0.5)
            meant = f"did you mean {' or '.join(close)}?" if close else "`voicebot models list` shows all"
            raise ModelError(f"There is no model {name!r} in the catalogue; {meant}")
        return self.models[name]


def load_catalogue(file: Path) -> Catalogue:
    """Read a catalogue. Raises ModelError, which names the file and the entry."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{file}: the model catalogue cannot be read: {error}") from None
    models: dict[str, Model] = {}
    for number, entry in enumerate(content.get("model", []), 1):
        where = f"{file}: model {number} ({entry.get('name', 'without a name')})"
        model = _model(entry, where)
        if model.name in models:
            raise ModelError(f"{where} stands there twice; remove one")
        models[model.name] = model
    return Catalogue(models, tuple(str(gap.get("note", "")) for gap in content.get("gap", [])))


def _model(entry: dict[str, Any], where: str) -> Model:
    unknown, missing = entry.keys() - _MODEL_KEYS, _MODEL_KEYS - entry.keys()
    if unknown or missing:
        wrong = f"has an unknown key {min(unknown)!r}" if unknown else f"lacks {min(missing)!r}"
        raise ModelError(f"{where} {wrong}; known are {', '.join(sorted(_MODEL_KEYS))}")
    name, engine = str(entry["name"]), entry["engine"]
    if not NAME.fullmatch(name):
        raise ModelError(f"{where}: the name becomes a directory; use letters, digits, '.', '_', '+' and '-'")
    if engine not in ENGINES:
        raise ModelError(f"{where}: there is no engine {engine!r}; known are {', '.join(ENGINES)}")
    files = tuple(_file(file, where) for file in entry["file"])
    _check_kinds(engine, files, where)
    languages = tuple(map(str, entry["languages"]))
    return Model(name, engine, languages, int(entry["rate"]), str(entry["licence"]), str(entry["good_for"]), files)


def _file(entry: dict[str, Any], where: str) -> ModelFile:
    if unknown := entry.keys() - _FILE_KEYS:
        raise ModelError(f"{where}: a file has an unknown key {min(unknown)!r}; known are {', '.join(_FILE_KEYS)}")
    url, size, sha256 = str(entry.get("url", "")), entry.get("size"), entry.get("sha256")
    if not re.match(r"https?://[^/]+/.+", url):
        raise ModelError(f"{where}: {url!r} is not the address of a file; give http(s)://host/path")
    if sha256 is not None and not _SHA256.fullmatch(str(sha256)):
        raise ModelError(f"{where}: sha256 should be 64 small hexadecimal digits")
    about = size if size is not None else entry.get("about")
    if not isinstance(about, int) or about <= 0:
        raise ModelError(f"{where}: a file needs size, or about, in bytes")
    return ModelFile(url, size, about, sha256)


def _check_kinds(engine: str, files: tuple[ModelFile, ...], where: str) -> None:
    names = [file.name for file in files]
    if engine == "vosk" and len(files) != 1:
        raise ModelError(f"{where}: a Vosk model is one archive")
    voices = [name for name in names if name.endswith(".onnx")]
    if engine == "piper" and (len(voices) != 1 or f"{voices[0]}.json" not in names):
        raise ModelError(f"{where}: a Piper voice is one .onnx file and its .onnx.json")
