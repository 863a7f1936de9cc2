"""Entity annotations of Rasa training data: `[savings](account_type)`, `[text]{"entity": "city", "role": "to"}`.

The syntax is that of rasa/shared/nlu/training_data/entities_parser.py (Rasa 3.6).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_ANNOTATION = re.compile(
    r"\[(?P<text>[^\]]+?)\]"
    r"(?:\((?P<entity>[^:)]+?)(?::(?P<value>[^)]+))?\)|(?P<attributes>\{[^}]+?\})|\[(?P<several>.*?)\])"
)
_KEYS = ("entity", "role", "group", "value")


@dataclass(frozen=True, slots=True)
class Annotation:
    """An entity at characters start..end of the plain text; `value` is None when the text itself is the value."""

    entity: str
    start: int
    end: int
    value: str | None = None
    role: str | None = None


class AnnotationError(ValueError):
    """An annotation that cannot be read; the message says what is wrong and what is expected."""


def parse_example(marked: str) -> tuple[str, tuple[Annotation, ...]]:
    """Split a marked-up example into its plain text and its annotations, in order. Raises AnnotationError."""
    plain: list[str] = []
    annotations: list[Annotation] = []
    position = length = 0
    for match in _ANNOTATION.finditer(marked):
        before, text = marked[position : match.start()], match["text"]
        start = length + len(before)
        length = start + len(text)
        plain += (before, text)
        annotations += _annotations(match, start, length)
        position = match.end()
    plain.append(marked[position:])
    return "".join(plain), tuple(annotations)


def has_stray_brackets(plain: str) -> bool:
    """Whether brackets are left over after the annotations were taken out: most likely a broken one."""
    return "[" in plain or "]" in plain or "](" in plain


def _annotations(match: re.Match[str], start: int, end: int) -> Iterator[Annotation]:
    if match["entity"]:
        yield Annotation(match["entity"].strip(), start, end, match["value"])
        return
    listed = f"[{match['several']}]" if match["several"] else f"[{match['attributes']}]"
    try:
        items = json.loads(listed)
    except json.JSONDecodeError as error:
        raise AnnotationError(
            f'the annotation {match[0]!r} is not valid JSON; write [text]{{"entity": "name", "value": "..."}}'
        ) from error
    for item in items:
        yield _from_attributes(item, match[0], start, end)


def _from_attributes(item: object, shown: str, start: int, end: int) -> Annotation:
    if not isinstance(item, dict) or not isinstance(item.get("entity"), str):
        raise AnnotationError(f'the annotation {shown!r} names no entity; write [text]{{"entity": "name"}}')
    unknown = sorted(set(item) - set(_KEYS))
    if unknown:
        raise AnnotationError(
            f"the annotation {shown!r} has the unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}"
        )
    value, role = item.get("value"), item.get("role")
    return Annotation(
        item["entity"], start, end, None if value is None else str(value), None if role is None else str(role)
    )
