"""Rasa NLU training data (YAML, format 3.1): intents with examples, synonyms, lookup tables, regexes.

A directory is read as Rasa reads it: every .yml and .yaml file below it that has an `nlu:` key; files with other
keys only (stories, responses) are passed over. A Rasa project directory may be given too: its `data/nlu`, else
its `data`, is read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicebot.errors import VoicebotError
from voicebot.nlu.annotations import Annotation, AnnotationError, parse_example

_KINDS = ("intent", "synonym", "lookup", "regex")
_ORDINARY = re.compile(r"^\s*#\s*ordinary words:(.*)$", re.MULTILINE)


class TrainingDataError(VoicebotError):
    """Training data that cannot be read; the message says file, line, what was expected and what to do."""

    def __init__(self, file: Path, line: int | None, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}" if line else f"{file}: {problem}")
        self.file = file
        self.line = line


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in the data that is probably a mistake, at a line of a file."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Example:
    """One example phrase of an intent, without its markup."""

    intent: str
    text: str
    annotations: tuple[Annotation, ...]
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All training data. `synonyms` map a lower-case phrase to its value, `lookups` an entity to phrases.

    `ordinary`: phrases of the lookup tables that mean other things, too.
    """

    examples: tuple[Example, ...]
    synonyms: Mapping[str, str]
    lookups: Mapping[str, tuple[str, ...]]
    regexes: Mapping[str, tuple[str, ...]]
    ordinary: frozenset[str] = frozenset()

    @property
    def intents(self) -> tuple[str, ...]:
        """The names of all intents that have examples, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))


@dataclass(frozen=True, slots=True)
class _Item:
    """One entry of an `nlu:` list: its kind (intent, synonym, ...), name and example lines with their numbers."""

    kind: str
    name: str
    lines: tuple[tuple[int, str], ...]
    file: Path


def training_files(nlu_dir: Path) -> tuple[Path, ...]:
    """The YAML files that hold training data below `nlu_dir` (or the file itself), sorted. Raises TrainingDataError."""
    if nlu_dir.is_file():
        return (nlu_dir,)
    if not nlu_dir.is_dir():
        raise TrainingDataError(
            nlu_dir, None, "there is no such directory; give a Rasa project or a directory of NLU YAML"
        )
    root = next((nlu_dir / part for part in ("data/nlu", "data") if (nlu_dir / part).is_dir()), nlu_dir)
    files = sorted(path for path in root.rglob("*") if path.suffix in {".yml", ".yaml"} and path.is_file())
    if not files:
        raise TrainingDataError(root, None, "no .yml file is here; write one with `nlu: - intent: ...`")
    return tuple(files)


def data_hash(nlu_dir: Path) -> str:
    """A digest of all training files, names and contents: it changes when a model has to be trained again."""
    digest = hashlib.sha256()
    for path in training_files(nlu_dir):
        digest.update(path.name.encode() + b"\0" + _read_bytes(path) + b"\0")
    return digest.hexdigest()


def read_training_data(nlu_dir: Path) -> TrainingData:
    """Read all training data below `nlu_dir`. Raises TrainingDataError."""
    examples: dict[tuple[str, str, tuple[Annotation, ...]], Example] = {}
    synonyms: dict[str, str] = {}
    named: dict[str, dict[str, list[str]]] = {"lookup": {}, "regex": {}}
    ordinary: set[str] = set()
    for path in training_files(nlu_dir):
        ordinary |= _ordinary_words(path)
        for item in _items(path):
            if item.kind == "intent":
                for example in _examples(item):
                    examples.setdefault((example.intent, example.text, example.annotations), example)
            elif item.kind == "synonym":
                synonyms.update((text.lower(), item.name) for _, text in item.lines)
            else:
                named[item.kind].setdefault(item.name, []).extend(text for _, text in item.lines)
    for example in examples.values():
        synonyms.update((example.text[a.start : a.end].lower(), a.value) for a in example.annotations if a.value)
    if not examples:
        raise TrainingDataError(
            nlu_dir, None, "no intent has any example; write `nlu: - intent: NAME` with `examples: |`"
        )
    lookups, regexes = ({name: tuple(values) for name, values in named[kind].items()} for kind in ("lookup", "regex"))
    return TrainingData(tuple(examples.values()), synonyms, lookups, regexes, frozenset(ordinary))


def _ordinary_words(path: Path) -> set[str]:
    listed = _ORDINARY.findall(_read_bytes(path).decode(errors="replace"))
    return {phrase.strip().lower() for line in listed for phrase in line.split(",")} - {""}


def load_yaml(path: Path) -> Any:
    """A YAML 1.2 document (so `yes` and `no` are text) with line numbers. Raises TrainingDataError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = _read_bytes(path).decode()
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or error.context or "it cannot be parsed").split("\n", 1)[0]
        raise TrainingDataError(path, mark.line + 1 if mark else None, f"invalid YAML: {problem}") from error
    except UnicodeDecodeError as error:
        line = _read_bytes(path)[: error.start].count(b"\n") + 1
        raise TrainingDataError(path, line, "a character is not UTF-8; save the file as UTF-8") from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise TrainingDataError(path, None, f"invalid YAML: {str(error).splitlines()[0]}") from error


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TrainingDataError(path, None, f"the file cannot be read: {error.strerror}") from error


def _items(path: Path) -> Iterator[_Item]:
    document = load_yaml(path)
    if document is None:
        return
    if not isinstance(document, dict):
        raise TrainingDataError(path, 1, "expected a mapping with the key `nlu:` at the top")
    entries = document.get("nlu")
    if entries is None:
        return
    if not isinstance(entries, list):
        raise TrainingDataError(path, _line_of(document, "nlu"), "expected a list of `- intent: ...` under `nlu:`")
    for position, entry in enumerate(entries):
        yield _item(path, entry, _line_of(entries, position))


def _line_of(parent: Any, key: str | int) -> int:
    """The line of a value in a mapping or list that `load_yaml` read."""
    line: int = parent.lc.item(key)[0] if isinstance(key, int) else parent.lc.value(key)[0]
    return line + 1


def _item(path: Path, entry: Any, line: int) -> _Item:
    kind = next((kind for kind in _KINDS if isinstance(entry, dict) and kind in entry), None)
    if kind is None:
        raise TrainingDataError(path, line, "expected `- intent:`, `- synonym:`, `- lookup:` or `- regex:`")
    name = entry[kind]
    if not isinstance(name, str) or not name.strip():
        raise TrainingDataError(
            path, line, f"expected a name after `{kind}:`, found {name!r}; quote it if it is a number"
        )
    return _Item(kind, name.strip(), tuple(_lines(path, entry, kind, line)), path)


def _lines(path: Path, entry: Any, kind: str, line: int) -> Iterator[tuple[int, str]]:
    """The examples of an entry with their line numbers, from either of Rasa's two forms."""
    examples = entry.get("examples")
    if isinstance(examples, str):
        yield from _block_lines(path, examples, _line_of(entry, "examples") + 1)
    elif isinstance(examples, list) and kind == "intent":
        for position, example in enumerate(examples):
            at = _line_of(examples, position)
            text = example.get("text") if isinstance(example, dict) else None
            if not isinstance(text, str):
                raise TrainingDataError(path, at, "expected `- text: ...` in the list of examples")
            yield at, text.strip()
    else:
        raise TrainingDataError(path, line, f"expected `examples: |` with one `- phrase` a line under this {kind}")


def _block_lines(path: Path, block: str, first_line: int) -> Iterator[tuple[int, str]]:
    for line, text in enumerate(block.splitlines(), first_line):
        if not text.strip():
            continue
        if not text.startswith("-"):
            raise TrainingDataError(path, line, f"expected `- ` before the example {text.strip()[:40]!r}")
        yield line, text[1:].strip()


def _examples(item: _Item) -> Iterator[Example]:
    for line, marked in item.lines:
        try:
            text, annotations = parse_example(marked)
        except AnnotationError as error:
            raise TrainingDataError(item.file, line, str(error)) from error
        if text.strip():
            yield Example(item.name, text, annotations, item.file, line)
