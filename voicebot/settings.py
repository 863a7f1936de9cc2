"""The settings of a voicebot: one frozen object, read once.

Sources, strongest first: the command line, environment variables (`VOICEBOT_CALL__RATE=16000`, nested with two
underscores), what `voicebot models use` chose, `voicebot.toml` in the project directory, the defaults below. A setting
that does not exist is an error that names its source and what was probably meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from voicebot.audio.frame import RATES
from voicebot.errors import VoicebotError

PREFIX: Final = "VOICEBOT_"
FILE: Final = "voicebot.toml"
CHECKOUT: Final = Path(__file__).resolve().parent.parent
"""The directory beside the package: in a source checkout, the demo project."""

RecordingPolicy = Literal["off", "announce", "ask"]


class SettingsError(VoicebotError):
    """A setting is unknown or has a value that cannot be; the message names its source."""


class Section(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class VoiceSettings(Section):
    """The voice of one prompt language. What is None is as for all, or as the voice's own settings say.

    `speaker` (of a voice with several), `length_scale` (1.2 is slower) and the noise settings are for Piper voices:
    `noise_scale` varies the sound, `noise_w` the lengths; at 0 a voice says a text always in the same way.
    """

    synthesiser: Literal["espeak", "piper", "flite"] | None = None
    voice: str | None = None
    speaker: int | None = Field(default=None, ge=0)
    length_scale: float | None = Field(default=None, ge=0.3, le=3)
    noise_scale: float | None = Field(default=None, ge=0, le=2)
    noise_w: float | None = Field(default=None, ge=0, le=2)


class SpeechSettings(Section):
    """Hearing and speaking. Paths are relative to the project directory."""

    recogniser: Literal["vosk"] = "vosk"
    model: Path = Path("models/vosk-en-8k-mini")
    recogniser_threads: int = Field(default=2, ge=1, le=64)
    activity: Literal["auto", "silero", "webrtc"] = "auto"
    synthesiser: Literal["espeak", "piper", "flite"] = "espeak"
    voice: str = "en-us+klatt4"
    voices: dict[str, VoiceSettings] = Field(default_factory=dict)
    """By prompt language, over the two settings above."""


class ModelSettings(Section):
    """Where models are pulled from. `mirror`: an address below which all files of the catalogue lie, by name."""

    mirror: str | None = None

    @field_validator("mirror")
    @classmethod
    def _web_address(cls, mirror: str | None) -> str | None:
        if mirror is not None and not mirror.startswith(("http://", "https://")):
            raise ValueError("should begin with http:// or https://")
        return mirror


class NluSettings(Section):
    """Understanding. All but `engine` belong to the engine `rasa`: docs/nlu.md.

    `urls`: Rasa servers that run elsewhere, as a list or with commas between; none: voicebot starts one of its own.
    """

    engine: Literal["embedded", "rasa"] = "embedded"
    urls: Annotated[tuple[str, ...], NoDecode] = ()
    token: SecretStr | None = None
    """The server's `--auth-token`."""
    jwt: SecretStr | None = None
    """A signed JSON Web Token, where the server runs with `--jwt-secret`."""
    deadline_ms: int = Field(default=300, gt=0)
    """After so long the embedded classifier answers in its stead."""
    rasa: Path = Path(".venv-rasa")
    """The environment in which Rasa is installed, relative to the project directory."""
    start_wait_s: float = Field(default=0, ge=0)
    """How long to wait at start for a Rasa server of our own; meanwhile calls get the embedded classifier."""

    @field_validator("urls", mode="before")
    @classmethod
    def _listed(cls, urls: object) -> object:
        return tuple(filter(None, map(str.strip, urls.split(",")))) if isinstance(urls, str) else urls


class CallSettings(Section):
    """One call. `rate` in Hz; `recording` holds for numbers that do not say otherwise."""

    rate: int = 8000
    max_duration_s: float = Field(default=900, gt=0)
    recording: RecordingPolicy = "off"

    @field_validator("rate")
    @classmethod
    def _known_rate(cls, rate: int) -> int:
        if rate not in RATES:
            raise ValueError(f"should be {' or '.join(map(str, RATES))}")
        return rate


class NumberSettings(Section):
    """What is particular to one called number; None: as for all."""

    recording: RecordingPolicy | None = None
    queue: str | None = None
    """Where its callers wait for a human when the flows name no queue of their own."""


class StoreSettings(Section):
    """Where state is kept: an SQLAlchemy URL (`postgresql://...`, `sqlite:///...`); None: SQLite in `data`.

    A write waits `deadline_s` for a busy database before it goes to the spool.
    """

    url: SecretStr | None = None
    deadline_s: float = Field(default=5, gt=0)


class LogSettings(Section):
    """How much is logged to stderr, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """All settings. `Settings.load()` reads the sources; `Settings()` is the defaults alone."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    data: Path = Path("var")
    project: Path = CHECKOUT
    language: str = "en"
    time_zone: str = "UTC"
    actions: str = "voicebot.bank.actions"
    """The Python module whose `actions` the flows run."""
    speech: SpeechSettings = SpeechSettings()
    nlu: NluSettings = NluSettings()
    models: ModelSettings = ModelSettings()
    call: CallSettings = CallSettings()
    numbers: dict[str, NumberSettings] = Field(default_factory=dict)
    store: StoreSettings = StoreSettings()
    logs: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the five sources are pydantic-settings' interface
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the constructor is given: `load` reads the other sources, and knows which said what."""
        return (init_settings,)

    @classmethod
    def load(cls, overrides: Mapping[str, Any] | None = None) -> Settings:
        """Read all sources; `overrides`: the command line's, with dotted keys (`call.rate`). Raises SettingsError."""
        from voicebot.settings_sources import load

        return load(overrides).settings

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        zone(name)
        return name

    @property
    def zone(self) -> tzinfo:
        """The time zone in which callers are told times."""
        return zone(self.time_zone)

    @property
    def recordings(self) -> Path:
        """Where recorded calls lie."""
        return self.data / "recordings"

    @property
    def models_shelf(self) -> Path:
        """Where installed speech models lie."""
        return self.data / "models" / "speech"

    @property
    def spoken(self) -> VoiceSettings:
        """The voice of the calls' language, with synthesiser and voice filled in."""
        own = self.speech.voices.get(self.language, VoiceSettings())
        general = {"synthesiser": self.speech.synthesiser, "voice": self.speech.voice}
        return own.model_copy(update={key: value for key, value in general.items() if getattr(own, key) is None})

    def in_project(self, path: Path) -> Path:
        """`path` as meant by a setting: relative to the project directory."""
        return self.project / path.expanduser()

    def number(self, called: str) -> NumberSettings:
        """What holds for calls to the number `called`, with nothing left open but the queue."""
        own = self.numbers.get(called, NumberSettings())
        return NumberSettings(recording=own.recording or self.call.recording, queue=own.queue)


def zone(name: str) -> tzinfo:
    """The time zone `name` (IANA). Raises ValueError."""
    if name == "UTC":  # must not need the system's zone files
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("should be a time zone such as Europe/Berlin") from None
