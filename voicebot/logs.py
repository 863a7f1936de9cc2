"""Logs: structured lines on stderr, the call's id on each line of a call, no card, account or PIN number on any.

Masking is the last step before a line is written, so it covers bound values, nested values and stack traces alike.
Libraries that log through the standard library are left as they are: quiet but for warnings.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from voicebot.dialogue.masking import MASK, mask_text

if TYPE_CHECKING:
    from voicebot.settings import LogSettings

LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}

UNMASKED: Final = frozenset({"call", "timestamp", "level", "entry", "job", "at"})
"""Keys of ids and times; so are those that end in _id, _at, _ms, _s. Their values are made by us, not by callers."""

SECRET: Final = frozenset({"account", "card", "pin", "password", "token"})
"""Keys whose values are never written, whatever their type."""


PLACES: Final = 5
"""How far back a place in the code is told."""


class Stderr:
    """Writes whole lines to what stderr is at that moment. A log that cannot be written never ends a call."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        """Write one line."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


def configure(settings: LogSettings) -> None:
    """Write logs to stderr from here on, in the format and from the level that `settings` name."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_numbers,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[settings.level]),
        logger_factory=Stderr,
        cache_logger_on_first_use=False,
    )


def log() -> structlog.typing.FilteringBoundLogger:
    """The log for what belongs to no call."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger


def call_log(call_id: str) -> structlog.typing.FilteringBoundLogger:
    """The log of one call: every line names it."""
    return log().bind(call=call_id)


def place_of(error: BaseException) -> str:
    """Where `error` arose and on whose behalf: "turns.py:120 < call.py:98", a stack trace that shows no values."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-PLACES:]))


def mask_numbers(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The structlog processor that masks runs of digits, written or spoken, in all values but ids and times."""
    return {key: _masked(str(key), value) for key, value in line.items()}


def _masked(key: str, value: object) -> object:
    """`value` of `key`, fit to be written."""
    if key in SECRET:
        return None if value is None else MASK
    if key in UNMASKED or key.endswith(("_id", "_at", "_ms", "_s")):
        return value
    if isinstance(value, Mapping):
        return {mask_text(str(name)): _masked(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(key, inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask_text(str(value))
