"""Keypad tones, beep and waiting music."""

from __future__ import annotations

import numpy as np
import pytest

from voicebot.audio.frame import Samples
from voicebot.audio.level import rms_dbfs
from voicebot.audio.tones import KEYS, beep, dtmf, hold_music


def power_at(samples: Samples, frequency: float, rate: int) -> float:
    wave = samples.astype(float)
    return float(abs(np.mean(wave * np.exp(-2j * np.pi * frequency * np.arange(len(wave)) / rate))))


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_has_its_two_frequencies_and_no_other(key: str, rate: int) -> None:
    tone = dtmf(key, rate)
    powers = {hz: power_at(tone, hz, rate) for hz in (697, 770, 852, 941, 1209, 1336, 1477, 1633)}
    strongest = sorted(powers, key=lambda hz: powers[hz])[-2:]
    rows = {"123A": 697, "456B": 770, "789C": 852, "*0#D": 941}
    columns = {"147*": 1209, "2580": 1336, "369#": 1477, "ABCD": 1633}
    row = next(hz for keys, hz in rows.items() if key in keys)
    column = next(hz for keys, hz in columns.items() if key in keys)
    assert sorted(strongest) == [row, column]
    others = max(power for hz, power in powers.items() if hz not in strongest)
    assert others < 0.2 * powers[row]
    assert len(tone) == rate // 10
    assert np.abs(tone).max() <= 6000


@pytest.mark.parametrize("key", ["", "12", "E", "a"])
def test_no_such_key(key: str) -> None:
    with pytest.raises(ValueError, match="is not a key"):
        dtmf(key, 8000)


def test_beep_starts_and_ends_softly() -> None:
    tone = beep(8000, ms=200)
    assert len(tone) == 1600
    assert abs(int(tone[0])) < 50
    assert abs(int(tone[-1])) < 200
    assert np.argmax(np.abs(np.fft.rfft(tone.astype(float)))) == pytest.approx(880 / 5, abs=1)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_hold_music_loops_without_a_click(rate: int) -> None:
    music = hold_music(rate)
    steps = np.abs(np.diff(np.concatenate((music, music)).astype(int)))
    seam = slice(len(music) - 20, len(music) + 20)
    assert steps[seam].max() <= np.percentile(steps, 99.9)
    assert steps.max() < 3000 * 2 * np.pi * 1000 / rate
    assert 5 < len(music) / rate < 30
    assert -35 < rms_dbfs(music) < -20


def test_hold_music_is_made_once_and_read_only() -> None:
    assert hold_music(8000) is hold_music(8000)
    with pytest.raises(ValueError, match="read-only"):
        hold_music(8000)[0] = 1
