"""Reading the settings' sources, and naming the source of each setting and of each mistake."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pydantic_settings
from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource

from voicebot.models.chosen import FILE as CHOSEN
from voicebot.models.chosen import ChoiceError, chosen
from voicebot.settings import CHECKOUT, FILE, PREFIX, NumberSettings, Settings, SettingsError, VoiceSettings

NOT_SETTINGS: Final = frozenset({"VOICEBOT_DEBUG"})
"""Variables of our prefix that are read elsewhere."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place that settings come from: how to name it and its (nested) values."""

    name: str
    values: Mapping[str, Any]

    def has(self, path: tuple[str, ...]) -> bool:
        """Whether this source says something at `path`."""
        node: Any = self.values
        for key in path:
            if not isinstance(node, Mapping) or key not in node:
                return False
            node = node[key]
        return True

    def label(self, path: tuple[str, ...]) -> str:
        """This source, for a message about `path`."""
        return PREFIX + "__".join(path).upper() if self.name == "environment" else self.name


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and the sources they were read from, strongest first."""

    settings: Settings
    sources: tuple[Source, ...]

    def origin(self, path: tuple[str, ...]) -> str:
        """Where the setting at `path` comes from."""
        return next((source.label(path) for source in self.sources if source.has(path)), "default")


def load(overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read all sources, strongest first. Raises SettingsError."""
    command_line = Source("command line", nested(overrides or {}))
    environment = Source("environment", environment_values())
    project = project_directory((command_line, environment))
    file = project / FILE
    toml = Source(str(file), toml_values(file))
    data = data_directory((command_line, environment), toml, project)
    sources = (command_line, environment, choice(data), toml)
    values: dict[str, Any] = {}
    for source in reversed(sources):
        merge(values, source.values)
    values["project"] = project
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError(explain(error, sources)) from None
    return Loaded(settings.model_copy(update={"data": data}), sources)


def data_directory(told: tuple[Source, ...], toml: Source, project: Path) -> Path:
    """Where state lives; in voicebot.toml relative to the project, elsewhere to the working directory."""
    for source, base in (*((source, Path()) for source in told), (toml, project)):
        if source.has(("data",)):
            return (base / Path(str(source.values["data"])).expanduser()).absolute()
    return Path(Settings.model_fields["data"].default).absolute()


def choice(data: Path) -> Source:
    """What `voicebot models use` chose. Raises SettingsError."""
    try:
        return Source(str(data / CHOSEN), chosen(data))
    except ChoiceError as error:
        raise SettingsError(str(error)) from None


def nested(dotted: Mapping[str, Any]) -> dict[str, Any]:
    """{"call.rate": 1} as {"call": {"rate": 1}}."""
    values: dict[str, Any] = {}
    for key, value in dotted.items():
        node = values
        *sections, name = key.split(".")
        for section in sections:
            node = node.setdefault(section, {})
        node[name] = value
    return values


def merge(target: dict[str, Any], stronger: Mapping[str, Any]) -> None:
    """Lay `stronger` over `target`, section by section."""
    for key, value in stronger.items():
        if isinstance(value, Mapping) and isinstance(target.get(key), dict):
            merge(target[key], value)
        else:
            target[key] = dict(value) if isinstance(value, Mapping) else value


def environment_values() -> dict[str, Any]:
    """The settings in the environment. Raises SettingsError for a variable of our prefix that is none."""
    for variable in sorted(os.environ):
        name = variable.upper().removeprefix(PREFIX).split("__")[0].lower()
        ours = variable.upper().startswith(PREFIX) and variable.upper() not in NOT_SETTINGS
        if ours and name not in Settings.model_fields:
            raise SettingsError(f"{variable}: unknown setting {name!r}{guess(name, Settings)}")
    try:
        return EnvSettingsSource(Settings)()
    except pydantic_settings.SettingsError as error:
        raise SettingsError(f"environment: {error}; a whole section is given as JSON") from None


def project_directory(sources: tuple[Source, ...]) -> Path:
    """The project: as told, else the working directory when it holds nlu_data, else the demo beside the package."""
    for source in sources:
        if source.has(("project",)):
            project = Path(source.values["project"]).expanduser().absolute()
            if not project.is_dir():
                raise SettingsError(f"{source.label(('project',))}: there is no project directory {project}")
            return project
    return Path.cwd() if Path("nlu_data").is_dir() else CHECKOUT


def toml_values(file: Path) -> dict[str, Any]:
    """The settings in the project's file, {} when there is none. Raises SettingsError."""
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read as TOML: {error}") from None
    if "project" in values:
        raise SettingsError(f"{file}: the project is the directory of this file; remove the setting 'project'")
    return values


def explain(error: ValidationError, sources: tuple[Source, ...]) -> str:
    """The first thing wrong, as a sentence with its source."""
    first = error.errors(include_url=False)[0]
    path = tuple(str(part) for part in first["loc"])
    where = next((source.label(path) for source in sources if source.has(path)), "settings")
    key = ".".join(path)
    if first["type"] == "extra_forbidden":
        return f"{where}: unknown setting {key!r}{guess(path[-1], section_at(path[:-1]))}"
    shown = "" if holds_secret(path) else f" (it is {first['input']!r})"
    wrong = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{where}: the setting {key!r} {wrong[:1].lower()}{wrong[1:]}{shown}"


def section_at(path: tuple[str, ...]) -> type[BaseModel]:
    """The model whose fields may stand at `path`."""
    if path and path[0] == "numbers":
        return NumberSettings
    if path[:2] == ("speech", "voices"):
        return VoiceSettings
    return type(getattr(Settings(), path[0])) if path else Settings


def guess(name: str, section: type[BaseModel]) -> str:
    """What was probably meant by `name`, else what may stand there."""
    close = difflib.get_close_matches(name, section.model_fields, n=2)
    return f"; did you mean {' or '.join(close)}?" if close else f"; known are {', '.join(section.model_fields)}"


def holds_secret(path: tuple[str, ...]) -> bool:
    """Whether the value at `path` must not be shown."""
    return path in {("nlu", "token"), ("nlu", "jwt"), ("store", "url")}


def flat(model: BaseModel, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every setting with its path; secrets are masked."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        here = (*path, name)
        if isinstance(value, BaseModel):
            yield from flat(value, here)
        elif isinstance(value, dict):
            for key, section in value.items():
                yield from flat(section, (*here, key))
        else:
            yield here, value
