"""YAML 1.2 files of a project, read so that every error names file, line and column and says what was expected."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, TypeVar, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from voicebot.errors import VoicebotError

T = TypeVar("T")

NAMES: Final = {str: "a text", bool: "true or false", float: "a number", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; line and column count from 1."""

    path: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class ProjectError(VoicebotError):
    """A project file is wrong; the message says where, what, and what was expected."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(f"{place}: {sentence}")
        self.place = place
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping of a YAML file that knows where it stands. `what` names it in errors."""

    path: Path
    data: CommentedMap
    what: str
    error: type[ProjectError]

    def place(self, key: str | None = None) -> Place:
        """Where the section, or the value of `key` in it, begins."""
        line, column = self.data.lc.line or 0, self.data.lc.col or 0
        if key is not None and key in self.data:
            line, column = self.data.lc.value(key)
        return Place(self.path, line + 1, column + 1)

    def fail(self, sentence: str, key: str | None = None) -> NoReturn:
        """Raise the section's error at `key`."""
        raise self.error(self.place(key), f"{self.what}: {sentence}")

    def only(self, allowed: Collection[str]) -> None:
        """Raise for a key that is not `allowed`."""
        for key in self.data:
            if key not in allowed:
                line, column = self.data.lc.key(key)
                expected = ", ".join(sorted(allowed))
                sentence = f"{self.what}: unknown key {str(key)!r}; expected one of: {expected}"
                raise self.error(Place(self.path, line + 1, column + 1), sentence)

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def keys(self) -> list[str]:
        """The keys, which must be texts."""
        for key in self.data:
            if not isinstance(key, str):
                self.fail(f"the name {key!r} must be a text; put it in quotes")
        return list(self.data)

    def get(self, key: str, kind: type[T], default: T) -> T:
        """The value of `key`, which must be of `kind` (a whole number passes as float), or `default`."""
        return self.need(key, kind) if key in self.data else default

    def need(self, key: str, kind: type[T]) -> T:
        """The value of `key`, which must be there and of `kind`."""
        if key not in self.data:
            self.fail(f"{key!r} is missing; expected {NAMES.get(kind, 'a value')}")
        return self._checked(self.data[key], kind, key)

    def _checked(self, value: object, kind: type[T], key: str) -> T:
        fits = isinstance(value, int | float if kind is float else kind)
        if not fits or (isinstance(value, bool) and kind is not bool):
            self.fail(f"{key!r} must be {NAMES.get(kind, 'a value')}, not {_shown(value)}", key)
        return cast("T", kind(value) if kind in (str, float, int) else value)  # type: ignore[call-arg]

    def scalar(self, key: str) -> str | float | bool | None:
        """The value of `key`: a text, a number, true, false or null."""
        value = self.data[key]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return float(value)
        if not isinstance(value, str):
            self.fail(f"{key!r} must be a text, a number, true, false or null, not {_shown(value)}", key)
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts at `key`; empty when there is none."""
        return tuple(self._checked(item, str, key) for item in self._items(key))

    def section(self, key: str, what: str | None = None) -> Section:
        """The mapping at `key`, which must be there."""
        if key not in self.data:
            self.fail(f"{key!r} is missing; expected a mapping")
        value = self.data[key]
        if not isinstance(value, CommentedMap):
            self.fail(f"{key!r} must be a mapping, not {_shown(value)}", key)
        return Section(self.path, value, what or f"{self.what}, {key}", self.error)

    def sections(self, key: str, what: str | None = None) -> list[Section]:
        """The list of mappings at `key`; empty when there is none."""
        found: list[Section] = []
        for number, item in enumerate(self._items(key), 1):
            name = what or f"{self.what}, {key}"
            if not isinstance(item, CommentedMap):
                self.fail(f"item {number} of {key!r} must be a mapping, not {_shown(item)}", key)
            found.append(Section(self.path, item, name, self.error))
        return found

    def items(self) -> Iterator[tuple[str, Section]]:
        """The named mappings of which this section consists."""
        for key in self.keys():
            yield key, self.section(key)

    def _items(self, key: str) -> list[object]:
        value = self.data.get(key, [])
        if not isinstance(value, list):
            self.fail(f"{key!r} must be a list, not {_shown(value)}", key)
        return list(value)

    def is_list(self, key: str) -> bool:
        """Whether the value of `key` is a list."""
        return isinstance(self.data.get(key), CommentedSeq)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)


def read(path: Path, error: type[ProjectError]) -> Section:
    """The mapping that a YAML file holds; an empty file is an empty mapping. Raises `error`."""
    try:
        data = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path, 1, 1)
        reason = " ".join(str(part) for part in (problem.context, problem.problem) if part)
        raise error(place, f"this is not YAML: {reason}") from problem
    except (YAMLError, ValueError, OSError) as problem:
        first = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise error(Place(path, 1, 1), f"the file cannot be read: {first}") from problem
    if data is None:
        data = CommentedMap()
    if not isinstance(data, CommentedMap):
        raise error(Place(path, 1, 1), f"expected a mapping with keys, not {_shown(data)}")
    return Section(path, data, "the file", error)
