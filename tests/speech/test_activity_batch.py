"""Windows of many calls, the gate, and independence of calls from each other."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

import numpy as np
import pytest

from tests.speech.recorded import CORPUS, blocks, digits, noisy, orders, pause, with_pauses
from voicebot.audio.files import read_audio
from voicebot.audio.frame import Samples
from voicebot.audio.resample import resample
from voicebot.speech.activity_batch import ActivityBatch, best_detector
from voicebot.speech.silero import SileroDetector, SileroState


class CountingDetector(SileroDetector):
    """Silero that keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[Samples]] = []

    def run(self, batch: Sequence[tuple[SileroState, Samples]]) -> list[float]:
        self.batches.append([window for _, window in batch])
        return super().run(batch)


@pytest.fixture(scope="module")
def silero() -> SileroDetector:
    return SileroDetector()


def heard(
    detector: SileroDetector, samples: Samples, *, gate: bool, stagger: int = 0, rate: int = 8000
) -> list[tuple[float, float]]:
    """Of each window its end in ms and its probability."""
    batch = ActivityBatch(detector, gate=gate)
    stream = batch.open(rate, stagger)
    result = []
    for number, frame in enumerate(blocks(samples, rate // 50), 1):
        batch.push(stream, frame)
        result += [(number * 20 - stream.lag_ms, probability) for _, probability in batch.run()]
    return result


def onsets(windows: list[tuple[float, float]]) -> list[float]:
    """Ends of the windows at which three of four were voiced after half a second of silence."""
    found: list[float] = []
    speaking, voiced, quiet = False, [False] * 4, 0
    for end, probability in windows:
        voiced = [*voiced[1:], probability >= 0.5]
        quiet = 0 if probability >= 0.35 else quiet + 1
        if not speaking and sum(voiced) >= 3:
            found.append(end)
        speaking = (speaking or sum(voiced) >= 3) and quiet <= 15
    return found


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("stagger", range(8))
def test_windows_are_cut_from_the_audio_without_gap(rate: int, stagger: int) -> None:
    detector = CountingDetector()
    audio = np.arange(rate // 50 * 40).astype(np.int16)
    windows = heard(detector, audio, gate=False, stagger=stagger, rate=rate)
    cut = np.concatenate([window for batch in detector.batches for window in batch])
    lead = stagger * rate * 32 // 8000
    assert np.array_equal(cut[lead:], audio[: len(cut) - lead])
    assert not cut[:lead].any()
    assert len(windows) == (len(audio) + lead) // (rate * 32 // 1000)
    assert [end for end, _ in windows] == [pytest.approx(32 * n - stagger * 4) for n in range(1, len(windows) + 1)]


def test_staggered_calls_spread_over_the_ticks(silero: SileroDetector) -> None:
    batch = ActivityBatch(silero, gate=False)
    streams = [batch.open(8000, stagger) for stagger in range(16)]
    loads = []
    for _ in range(24):
        for stream in streams:
            batch.push(stream, pause(0.02))
        loads.append(len(batch.run()))
    assert loads == [10] * 24


def test_a_call_gets_the_same_alone_and_in_company(silero: SileroDetector) -> None:
    voices = [with_pauses(digits()[:4], 0.6)[0], orders()[0], noisy(orders()[1], 100), with_pauses(digits()[4:8], 1)[0]]
    frames = [list(blocks(voice, 160))[:150] for voice in voices]
    batch = ActivityBatch(silero)
    streams = [batch.open(8000, stagger) for stagger in range(4)]
    together: dict[int, list[float]] = {id(stream): [] for stream in streams}
    for row in zip(*frames, strict=True):
        for stream, frame in zip(streams, row, strict=True):
            batch.push(stream, frame)
        for stream, probability in batch.run():
            together[id(stream)].append(probability)
    for stagger, stream in enumerate(streams):
        alone = heard(silero, np.concatenate(frames[stagger]), gate=True, stagger=stagger)
        assert together[id(stream)] == [probability for _, probability in alone]


def test_silence_never_reaches_the_detector() -> None:
    detector = CountingDetector()
    windows = heard(detector, pause(4), gate=True)
    assert {probability for _, probability in windows} == {0.0}
    assert sum(map(len, detector.batches)) == 0
    assert len(windows) == 125


def test_steady_noise_soon_stops_reaching_the_detector() -> None:
    detector = CountingDetector()
    heard(detector, noisy(pause(20), 100), gate=True)
    assert sum(map(len, detector.batches)) < 625 * 0.1


def test_gate_closes_again_after_speech() -> None:
    detector = CountingDetector()
    audio = np.concatenate((pause(2), digits()[0], pause(4)))
    heard(detector, audio, gate=True)
    assert sum(map(len, detector.batches)) * 0.032 < len(digits()[0]) / 8000 + 0.7


@pytest.mark.parametrize("noise_rms", [0, 30, 100])
@pytest.mark.parametrize("stagger", [0, 5])
def test_gate_loses_no_onset_and_delays_none_by_more_than_a_window(
    silero: SileroDetector, noise_rms: float, stagger: int
) -> None:
    audio = noisy(with_pauses([*digits(), *orders()], 1.2)[0], noise_rms)
    without = onsets(heard(silero, audio, gate=False, stagger=stagger))
    gated = onsets(heard(silero, audio, gate=True, stagger=stagger))
    assert len(without) >= 10
    for onset in without:
        assert any(onset - 400 <= other <= onset + 32 for other in gated)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the larger corpus is not on this machine")
def test_gate_loses_no_onset_of_the_corpus(silero: SileroDetector) -> None:
    words = [read_audio(path).samples for path in sorted((CORPUS / "fsdd").glob("*.flac"))[7::40]]
    audio = noisy(with_pauses(words, 1.2)[0], 10)
    without, gated = onsets(heard(silero, audio, gate=False)), onsets(heard(silero, audio, gate=True))
    assert len(without) >= len(words) * 0.98
    late = [onset for onset in without if not any(onset - 400 <= other <= onset + 32 for other in gated)]
    assert late == []


def test_16_khz_call_with_gate(silero: SileroDetector) -> None:
    audio = resample(with_pauses(digits(), 1)[0], 8000, 16000)
    assert len(onsets(heard(silero, audio, gate=True, rate=16000))) == len(digits())


def test_other_rates_are_refused(silero: SileroDetector) -> None:
    with pytest.raises(ValueError, match="8000 or 16000 Hz, not 44100"):
        ActivityBatch(silero).open(44100)


def test_best_detector_is_silero() -> None:
    detector, reason = best_detector()
    assert detector.name == "silero"
    assert reason == "Voice activity is decided by Silero."


def test_without_silero_webrtc_decides_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    detector, reason = best_detector()
    assert detector.name == "webrtc"
    assert "webrtcvad alone" in reason
    assert "pip install --no-deps silero-vad" in reason
