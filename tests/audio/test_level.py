"""Loudness, gain and dither."""

from __future__ import annotations

import numpy as np
import pytest

from voicebot.audio.level import SILENCE_DBFS, add_dither, rms_dbfs, saturate, scale_db


def test_level_of_known_signals() -> None:
    sine = np.rint(np.sin(np.arange(8000) * 2 * np.pi / 8) * 32767).astype(np.int16)
    assert rms_dbfs(sine) == pytest.approx(-3.01, abs=0.01)
    assert rms_dbfs(np.full(100, 3277, np.int16)) == pytest.approx(-20, abs=0.01)
    assert rms_dbfs(np.full(100, -32768, np.int16)) == pytest.approx(0)


def test_silence_and_nothing_have_the_lowest_level() -> None:
    assert rms_dbfs(np.zeros(160, np.int16)) == SILENCE_DBFS
    assert rms_dbfs(np.empty(0, np.int16)) == SILENCE_DBFS


def test_gain_changes_the_level_by_that_much() -> None:
    noise = np.random.default_rng(3).normal(0, 2000, 8000).astype(np.int16)
    assert rms_dbfs(scale_db(noise, -20)) - rms_dbfs(noise) == pytest.approx(-20, abs=0.1)
    assert rms_dbfs(scale_db(noise, 6)) - rms_dbfs(noise) == pytest.approx(6, abs=0.1)


def test_gain_and_rounding_saturate() -> None:
    assert list(scale_db(np.array([30000, -30000], np.int16), 12)) == [32767, -32768]
    assert list(saturate(np.array([1.6, -1.4, 1e9, -1e9]))) == [2, -1, 32767, -32768]


def test_dither_is_small_white_and_repeatable() -> None:
    dithered = add_dither(np.zeros(8000, np.int16), amplitude=2)
    assert np.abs(dithered).max() == 2
    assert abs(float(dithered.mean())) < 0.05
    spectrum = np.abs(np.fft.rfft(dithered.astype(float))) ** 2
    assert np.ptp(10 * np.log10(spectrum[1:].reshape(10, -1).mean(axis=1))) < 2
    assert np.array_equal(dithered, add_dither(np.zeros(8000, np.int16), amplitude=2))


def test_dither_goes_on_where_a_stream_stopped() -> None:
    silence = np.zeros(20000, np.int16)
    parts = [add_dither(silence[:7000]), add_dither(silence[7000:], offset=7000)]
    assert np.array_equal(np.concatenate(parts), add_dither(silence))


def test_dither_does_not_wrap_at_full_scale() -> None:
    assert add_dither(np.full(4000, 32767, np.int16)).min() >= 32765
