"""The hand-off package as JSON, and back, without loss."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from voicebot.call.handoff import HandOffPackage


@cache
def _adapter() -> TypeAdapter[HandOffPackage]:
    return TypeAdapter(HandOffPackage)


def encode(package: HandOffPackage) -> dict[str, Any]:
    """The package as the `json` module writes it; keys are the names of its fields."""
    values: dict[str, Any] = _adapter().dump_python(package, mode="json")
    return values


def decode(values: dict[str, Any]) -> HandOffPackage:
    """The package that `encode` was given. Raises ValueError (pydantic's) when `values` are something else."""
    return _adapter().validate_python(values)
