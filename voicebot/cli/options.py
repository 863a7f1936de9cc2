"""The options that every command takes, and the settings that they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicebot.settings import Settings
    from voicebot.settings_sources import Loaded

_overrides: ContextVar[Mapping[str, str] | None] = ContextVar("_overrides", default=None)


def override(*, data: Path | None, project: Path | None) -> None:
    """Remember what the command line says about settings."""
    given = {"data": data, "project": project}
    _overrides.set({name: str(value) for name, value in given.items() if value is not None})


def load() -> Loaded:
    """The settings in force for this command line, with their sources; logs obey them from here on.

    Raises SettingsError.
    """
    from voicebot import logs, settings_sources

    loaded = settings_sources.load(_overrides.get())
    logs.configure(loaded.settings.logs)
    return loaded


def settings() -> Settings:
    """The settings in force for this command line. Raises SettingsError."""
    return load().settings
