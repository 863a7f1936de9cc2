"""Fixture files: what may stand in them, and what is said of what may not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voicebot.audio.files import AudioFileError, write_wav
from voicebot.qa.fixture import Cue, FixtureError, FixtureMissingError, find, load

WHOLE = """
title: A caller
at: "2026-05-04T09:30:00+02:00"
seed: 3
rate: 16000
recording: ask
echo: {delay_ms: 100, gain_db: -20}
said:
  - {at: 1.5, from: 0.1, to: 0.9, text: hello}
  - {after: utter_x, wait: 0.2, keys: "12#"}
  - {during: utter_y, hang_up: true}
expect:
  slots: {city: boston, sure: true, many: 3}
  outcome: completed
  max_delay_ms: 900
"""


def fixture(folder: Path, text: str) -> Path:
    """A fixture with a second of silence."""
    write_wav(folder / "one.wav", np.zeros(8000, np.int16), 8000)
    (folder / "one.yml").write_text(text, encoding="utf-8")
    return folder / "one.yml"


def test_everything_that_may_be_said_of_a_caller(tmp_path: Path) -> None:
    loaded = load(fixture(tmp_path, WHOLE))
    assert loaded.name == f"{tmp_path.name}/one"
    assert (loaded.seed, loaded.rate, loaded.recording) == (3, 16000, "ask")
    assert loaded.at.isoformat() == "2026-05-04T09:30:00+02:00"
    assert loaded.cues[0] == Cue("at", wait=1.5, begin=0.1, end=0.9, text="hello")
    assert loaded.cues[1] == Cue("after", "utter_x", 0.2, keys="12#")
    assert loaded.cues[2].hang_up
    assert loaded.expected.slots == {"city": "boston", "sure": True, "many": 3.0}
    assert loaded.expected.max_delay_ms == 900


def test_a_bare_recording_is_played_from_the_start(tmp_path: Path) -> None:
    assert load(fixture(tmp_path, "title: x\nexpect: {outcome: abandoned}\n")).cues == (Cue("at"),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("seed: 3", "sede: 3"), r"one\.yml:4:1: .*unknown key 'sede'"),
        (("outcome: completed", "outcom: completed"), "unknown key 'outcom'"),
        (("seed: 3", "seed: three"), "'seed' must be a whole number"),
        (("+02:00", ""), "needs an offset"),
        (("recording: ask", "recording: always"), "must be off, announce or ask"),
        (("after: utter_x", "after: utter_x, at: 3"), "exclude each other"),
        (('keys: "12#"', 'keys: "12x"'), "may hold 0-9"),
        (("slots: {city", "slots: [city"), "this is not YAML"),
        (("expect:", "expected:"), "unknown key 'expected'"),
        (("rate: 16000", "rate: 44100"), r"one\.yml:5:7: .*'rate' must be 8000 or 16000, not 44100"),
        (("delay_ms: 100", "delay_ms: 0"), "'delay_ms' must be 20 to 1000"),
        (("gain_db: -20", "gain_db: .nan"), "'gain_db' must be -80 to 0"),
        (("at: 1.5", "at: .inf"), "'at' must be 0 to 600 seconds"),
        (("wait: 0.2", "wait: -1"), "'wait' must be 0 to 600 seconds"),
        (("from: 0.1", "from: 0.9"), "'to' must be later than 'from'"),
        (("to: 0.9", "to: 2.5"), r"'to' is 2\.5 s, but the recording ends after 1\.00 s"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(FixtureError, match=message):
        load(fixture(tmp_path, WHOLE.replace(*change)))


def test_a_recording_must_lie_beside(tmp_path: Path) -> None:
    path = fixture(tmp_path, WHOLE)
    path.with_suffix(".wav").unlink()
    with pytest.raises(FixtureError, match=r"one\.wav is missing"):
        load(path)


@pytest.mark.parametrize(("content", "message"), [(b"", "is empty"), (b"no audio at all" * 9, "is not an audio file")])
def test_a_recording_must_be_one(tmp_path: Path, content: bytes, message: str) -> None:
    path = fixture(tmp_path, WHOLE)
    path.with_suffix(".wav").write_bytes(content)
    with pytest.raises(AudioFileError, match=rf"one\.wav {message}"):
        load(path)


def test_a_truncated_recording_is_noticed_by_what_it_lacks(tmp_path: Path) -> None:
    path = fixture(tmp_path, WHOLE)
    whole = path.with_suffix(".wav").read_bytes()
    path.with_suffix(".wav").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FixtureError, match=r"'to' is 0\.9 s, but the recording ends after 0\.50 s"):
        load(path)


def test_fixtures_are_found_by_yml_wav_or_directory(tmp_path: Path) -> None:
    path = fixture(tmp_path, WHOLE)
    for named in (path, path.with_suffix(".wav"), tmp_path):
        assert find([named]) == [path]
    with pytest.raises(FixtureMissingError, match="no fixture"):
        find([tmp_path / "none.yml"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(FixtureMissingError, match="no fixture found"):
        find([tmp_path / "empty"])
