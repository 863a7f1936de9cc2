"""Sample-rate conversion: pass band, aliases, block independence, delay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio.frame import Samples
from voicebot.audio.resample import StreamResampler, resample

PAIRS = [
    (8000, 16000),
    (16000, 8000),
    (48000, 16000),
    (48000, 8000),
    (16000, 48000),
    (24000, 8000),
    (24000, 16000),
    (22050, 8000),
    (44100, 16000),
]


def sine(frequency: float, rate: int, seconds: float = 1.0, peak: float = 16000) -> Samples:
    time = np.arange(round(rate * seconds)) / rate
    return np.rint(np.sin(2 * np.pi * frequency * time) * peak).astype(np.int16)


def power_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(float) ** 2) + 1e-9))


def noise(length: int, seed: int = 1) -> Samples:
    return np.random.default_rng(seed).integers(-12000, 12000, length).astype(np.int16)


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.85])
def test_tone_below_nyquist_passes_within_half_a_db(source: int, target: int, share: float) -> None:
    tone = sine(share * min(source, target) / 2, source)
    streamed = StreamResampler(source, target).process(tone)[target // 20 :]
    whole = resample(tone, source, target)[target // 20 : -target // 20]
    assert abs(power_db(streamed) - power_db(tone)) < 0.5
    assert abs(power_db(whole) - power_db(tone)) < 0.5


@pytest.mark.parametrize(("source", "target"), [pair for pair in PAIRS if pair[0] > pair[1]])
def test_what_would_alias_is_suppressed(source: int, target: int) -> None:
    highest = min(source / 2, 1.85 * target) * 0.98
    for frequency in np.linspace(1.15 * target / 2, highest, 7):
        tone = sine(frequency, source)
        streamed = StreamResampler(source, target).process(tone)[target // 20 :]
        assert power_db(streamed) < power_db(tone) - 40
        assert power_db(resample(tone, source, target)[target // 20 : -target // 20]) < power_db(tone) - 40


@pytest.mark.parametrize("frequency", [500, 3000, 3400])
def test_images_of_upsampling_are_suppressed(frequency: int) -> None:
    spectrum = np.abs(np.fft.rfft(StreamResampler(8000, 16000).process(sine(frequency, 8000))[1000:9000].astype(float)))
    tone, image = frequency // 2, (8000 - frequency) // 2
    assert 20 * np.log10(spectrum[image - 5 : image + 6].max() / spectrum[tone]) < -40


@pytest.mark.parametrize(("source", "target"), [*PAIRS, (8000, 8000)])
def test_20_ms_in_are_20_ms_out(source: int, target: int) -> None:
    resampler = StreamResampler(source, target)
    audio = noise(source // 5)
    step = source // 50
    lengths = {len(resampler.process(audio[at : at + step])) for at in range(0, len(audio), step)}
    assert lengths == {target // 50}


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_blocks_give_the_same_as_the_whole(source: int, target: int) -> None:
    audio = noise(source // 4)
    resampler = StreamResampler(source, target)
    pieces = [resampler.process(piece) for piece in np.split(audio, [1, 2, 700, 701, 900, source // 8])]
    whole = StreamResampler(source, target).process(audio)
    assert np.array_equal(np.concatenate(pieces), whole)


@given(cuts=st.lists(st.integers(0, 2000), max_size=20), pair=st.sampled_from(PAIRS))
def test_any_cut_gives_the_same_as_the_whole(cuts: list[int], pair: tuple[int, int]) -> None:
    audio = noise(2000, seed=7)
    resampler = StreamResampler(*pair)
    pieces = [resampler.process(piece) for piece in np.split(audio, sorted(cuts))]
    assert np.array_equal(np.concatenate(pieces), StreamResampler(*pair).process(audio))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_delay_is_as_stated_and_below_5_ms(source: int, target: int) -> None:
    low = min(source, target)
    audio = resample(noise(low // 2), low, source)
    streamed = StreamResampler(source, target).process(audio).astype(float)
    reference = resample(audio, source, target).astype(float)[: len(streamed)]
    lags = np.correlate(streamed, reference[: len(reference) - 200], "valid")
    measured_ms = int(np.argmax(lags)) * 1000 / target
    delay_ms = StreamResampler(source, target).delay_ms
    assert abs(measured_ms - delay_ms) <= 500 / target
    assert delay_ms < 5


def test_same_rate_passes_untouched_and_without_delay() -> None:
    audio = noise(160)
    resampler = StreamResampler(8000, 8000)
    assert resampler.process(audio) is audio
    assert resampler.delay_ms == 0
    assert resample(audio, 8000, 8000) is audio


def test_full_scale_square_wave_saturates_instead_of_wrapping() -> None:
    square = np.where(np.arange(1600) // 20 % 2, 32767, -32768).astype(np.int16)
    streamed = StreamResampler(8000, 16000).process(square)
    held = np.repeat(square, 2)[: len(streamed) - 32]
    assert not np.any((held[200:] > 0) & (streamed[232:] < -20000))
    assert streamed.max() == 32767


def test_offline_length_is_rounded_up_and_empty_stays_empty() -> None:
    assert len(resample(noise(441), 44100, 8000)) == 80
    assert len(resample(noise(3), 16000, 8000)) == 2
    assert len(resample(np.empty(0, np.int16), 44100, 8000)) == 0


def test_unreasonable_ratio_is_refused() -> None:
    with pytest.raises(ValueError, match="8000:44101"):
        StreamResampler(44101, 8000)
