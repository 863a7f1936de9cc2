"""A fixture: a recorded caller (WAV) and, beside it, what they do when and what must come of it (YAML)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, cast

from voicebot.audio.files import read_audio
from voicebot.audio.frame import FRAME_MS, RATES
from voicebot.call.facts import RecordingPolicy
from voicebot.dialogue.events import SlotValue
from voicebot.dialogue.yamlfile import ProjectError, Section, read
from voicebot.errors import VoicebotError

KEYS: Final = {"title", "speaker", "source", "at", "seed", "rate", "caller", "called", "recording", "language"}
CUE_KEYS: Final = {"voice", "cut", "from", "to", "text", "keys", "hang_up", "at", "after", "during", "wait"}
EXPECT_KEYS: Final = {
    "words", "intents", "slots", "said", "not_said", "outcome", "queue", "reason", "max_delay_ms", "interrupted",
    "resumed", "not_understood", "recorded", "max_duration_s",
}  # fmt: skip
MOST_SECONDS: Final = 600
"""So long a fixture lasts at most, and whatever the caller waits for in it."""
ROUNDING_S: Final = 0.01
"""Times are written with two or three decimals."""
MOST_ECHO_MS: Final = 1000
LEAST_ECHO_DB: Final = -80
DEFAULT_AT: Final = "2026-03-02T10:00:00+00:00"


class FixtureError(ProjectError):
    """A fixture cannot be read; the message says where, what, and what was expected."""


class FixtureMissingError(VoicebotError):
    """No fixture where one was named."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Something the caller does. Times in seconds; `begin`, `end`: the part of the WAV that is played.

    `trigger` is at (a time of the call), after or during (a prompt named `response`); `wait` seconds later it happens.
    """

    trigger: Literal["at", "after", "during"]
    response: str = ""
    wait: float = 0.0
    begin: float = 0.0
    end: float | None = None
    text: str | None = None
    keys: str = ""
    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class Echo:
    """The bot's own voice coming back on the caller's line."""

    delay_ms: int
    gain_db: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of the call; None: not checked."""

    words: bool = True
    intents: tuple[str, ...] = ()
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    not_said: tuple[str, ...] = ()
    outcome: str | None = None
    queue: str | None = None
    reason: str | None = None
    max_delay_ms: int | None = None
    interrupted: int | None = None
    resumed: int | None = None
    not_understood: int | None = None
    recorded: bool | None = None
    max_duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Fixture:
    """A caller to be replayed. `name` is suite/name; `path` the YAML, `audio` the WAV."""

    name: str
    path: Path
    audio: Path
    title: str
    cues: tuple[Cue, ...]
    expected: Expected
    at: datetime
    seed: int = 0
    rate: int = 8000
    caller: str = ""
    called: str = ""
    recording: RecordingPolicy | None = None
    language: str = "en"
    echo: Echo | None = None


def find(paths: list[Path]) -> list[Path]:
    """The YAML files of fixtures at or below `paths`, sorted. Raises FixtureMissingError."""
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found.update(yml for yml in path.rglob("*.yml") if yml.with_suffix(".wav").exists())
        elif path.with_suffix(".yml").is_file():
            found.add(path.with_suffix(".yml"))
        else:
            raise FixtureMissingError(
                f"{path}: no fixture there; name a .yml file with its .wav beside it, or a directory"
            )
    if not found:
        raise FixtureMissingError(
            f"{', '.join(map(str, paths))}: no fixture found; a fixture is NAME.yml beside NAME.wav"
        )
    return sorted(found)


def load(path: Path) -> Fixture:
    """Read a fixture. Raises FixtureError, and AudioFileError for a recording that is none."""
    section = read(path, FixtureError)
    section.only({*KEYS, "said", "expect", "echo"})
    audio = path.with_suffix(".wav")
    if not audio.is_file():
        section.fail(f"its recording {audio.name} is missing beside it")
    seconds = read_audio(audio).seconds
    return Fixture(
        name=f"{path.parent.name}/{path.stem}",
        path=path,
        audio=audio,
        title=section.get("title", str, path.stem),
        cues=tuple(_cue(cue, seconds) for cue in section.sections("said", "said")) or (Cue("at"),),
        expected=_expected(section.section("expect", "expect")),
        at=_time(section),
        seed=section.get("seed", int, 0),
        rate=_rate(section),
        caller=section.get("caller", str, ""),
        called=section.get("called", str, ""),
        recording=_recording(section),
        language=section.get("language", str, "en"),
        echo=_echo(section),
    )


def _time(section: Section) -> datetime:
    written = section.get("at", str, DEFAULT_AT)
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        section.fail(f"'at' must be a time such as {DEFAULT_AT}, not {written!r}", "at")
    if at.tzinfo is None:
        section.fail(f"'at' needs an offset, as in {DEFAULT_AT}", "at")
    return at


def _recording(section: Section) -> RecordingPolicy | None:
    if "recording" not in section:
        return None
    policy = section.need("recording", str)
    if policy not in ("off", "announce", "ask"):
        section.fail(f"'recording' must be off, announce or ask, not {policy!r}", "recording")
    return cast("RecordingPolicy", policy)


def _echo(section: Section) -> Echo | None:
    if "echo" not in section:
        return None
    echo = section.section("echo")
    echo.only({"delay_ms", "gain_db"})
    delay_ms, gain_db = echo.need("delay_ms", int), echo.need("gain_db", float)
    if not FRAME_MS <= delay_ms <= MOST_ECHO_MS:
        echo.fail(f"'delay_ms' must be {FRAME_MS} to {MOST_ECHO_MS}, not {delay_ms}", "delay_ms")
    if not LEAST_ECHO_DB <= gain_db <= 0:
        echo.fail(f"'gain_db' must be {LEAST_ECHO_DB} to 0, not {gain_db}", "gain_db")
    return Echo(delay_ms, gain_db)


def _rate(section: Section) -> int:
    rate = section.get("rate", int, 8000)
    if rate not in RATES:
        section.fail(f"'rate' must be {' or '.join(map(str, RATES))}, not {rate}", "rate")
    return rate


def _seconds(cue: Section, key: str, default: float) -> float:
    """A time, or `default`."""
    seconds = cue.get(key, float, default)
    if not 0 <= seconds <= MOST_SECONDS:
        cue.fail(f"{key!r} must be 0 to {MOST_SECONDS} seconds, not {seconds:g}", key)
    return seconds


def _part(cue: Section, seconds: float) -> tuple[float, float | None]:
    """Which part of a recording of so many seconds is played."""
    begin = _seconds(cue, "from", 0.0)
    end = _seconds(cue, "to", 0.0) if "to" in cue else None
    for key, at in (("from", begin), ("to", end or 0.0)):
        if at > seconds + ROUNDING_S:
            cue.fail(f"{key!r} is {at:g} s, but the recording ends after {seconds:.2f} s", key)
    if end is not None and end <= begin:
        cue.fail(f"'to' must be later than 'from', {begin:g}", "to")
    return begin, end


def _cue(cue: Section, seconds: float) -> Cue:
    cue.only(CUE_KEYS)
    triggers = [key for key in ("at", "after", "during") if key in cue]
    if len(triggers) > 1:
        cue.fail(f"{' and '.join(triggers)} exclude each other; keep one")
    trigger = triggers[0] if triggers else "at"
    begin, end = _part(cue, seconds)
    return Cue(
        trigger=cast('Literal["at", "after", "during"]', trigger),
        response="" if trigger == "at" else cue.need(trigger, str),
        wait=_seconds(cue, "at", 0.0) if trigger == "at" else _seconds(cue, "wait", 0.5),
        begin=begin,
        end=end,
        text=cue.need("text", str) if "text" in cue else None,
        keys=_keys(cue),
        hang_up=cue.get("hang_up", bool, default=False),
    )


def _keys(cue: Section) -> str:
    keys = cue.get("keys", str, "")
    if set(keys) - set("0123456789*#ABCD"):
        cue.fail(f"'keys' may hold 0-9, *, #, A-D, not {keys!r}", "keys")
    return keys


def _expected(section: Section) -> Expected:
    section.only(EXPECT_KEYS)

    def whole(key: str) -> int | None:
        return section.need(key, int) if key in section else None

    def text(key: str) -> str | None:
        return section.need(key, str) if key in section else None

    slots = section.section("slots") if "slots" in section else None
    return Expected(
        words=section.get("words", bool, default=True),
        intents=section.texts("intents"),
        slots={name: slots.scalar(name) for name in slots.keys()} if slots else {},  # noqa: SIM118 - keys() checks
        said=section.texts("said"),
        not_said=section.texts("not_said"),
        outcome=text("outcome"),
        queue=text("queue"),
        reason=text("reason"),
        max_delay_ms=whole("max_delay_ms"),
        interrupted=whole("interrupted"),
        resumed=whole("resumed"),
        not_understood=whole("not_understood"),
        recorded=section.get("recorded", bool, default=False) if "recorded" in section else None,
        max_duration_s=section.need("max_duration_s", float) if "max_duration_s" in section else None,
    )
