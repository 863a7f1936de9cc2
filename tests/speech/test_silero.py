"""Silero on recorded speech and noise."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.speech.recorded import blocks, digits, noisy, orders, pause, with_pauses
from voicebot.audio.frame import Samples
from voicebot.audio.level import scale_db
from voicebot.audio.resample import resample
from voicebot.audio.tones import dtmf, hold_music
from voicebot.speech.activity import ActivityError
from voicebot.speech.silero import SileroDetector, find_model


@pytest.fixture(scope="module")
def detector() -> SileroDetector:
    return SileroDetector()


def probabilities(detector: SileroDetector, samples: Samples, rate: int = 8000) -> list[float]:
    state = detector.open(rate)
    return [detector.run([(state, window)])[0] for window in blocks(samples, rate * 32 // 1000)]


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("gain_db", [0, -12])
@pytest.mark.parametrize("noise_rms", [0, 30])
def test_recorded_words_are_heard_and_pauses_are_not(
    detector: SileroDetector, rate: int, gain_db: float, noise_rms: float
) -> None:
    audio, spans = with_pauses([*digits(), orders()[0]], 0.8)
    audio = resample(noisy(scale_db(audio, gain_db), noise_rms), 8000, rate)
    heard = np.array(probabilities(detector, audio, rate))
    for begin, end in spans:
        assert (heard[begin // 256 : end // 256 + 2] > 0.5).sum() >= 3
        assert heard[begin // 256 - 10 : begin // 256 - 2].max() < 0.35


def test_no_voice_in_silence_noise_tones_and_music(detector: SileroDetector) -> None:
    keys = np.concatenate([np.concatenate((dtmf(key, 8000), pause(0.1))) for key in "123456789*0#"])
    for audio in (pause(5), noisy(pause(5), 300), keys, hold_music(8000)):
        assert max(probabilities(detector, audio)) < 0.35


def test_calls_in_one_run_get_what_they_get_alone(detector: SileroDetector) -> None:
    calls = [
        (8000, orders()[0]),
        (16000, resample(orders()[1], 8000, 16000)),
        (8000, noisy(orders()[1], 100)),
        (16000, resample(with_pauses(digits(), 0.3)[0], 8000, 16000)),
        (8000, pause(3)),
    ]
    states = [detector.open(rate) for rate, _ in calls]
    windows = [list(blocks(audio, rate * 32 // 1000))[:80] for rate, audio in calls]
    together = [detector.run(list(zip(states, column, strict=True))) for column in zip(*windows, strict=True)]
    for number, (rate, audio) in enumerate(calls):
        alone = probabilities(detector, audio, rate)[: len(together)]
        assert [row[number] for row in together] == pytest.approx(alone, abs=1e-6)


def test_same_audio_gives_the_same_output(detector: SileroDetector) -> None:
    audio = with_pauses(digits()[:3], 0.5)[0]
    assert probabilities(detector, audio) == probabilities(SileroDetector(), audio)


def test_nothing_to_decide(detector: SileroDetector) -> None:
    assert detector.run([]) == []


def test_the_package_and_torch_are_not_imported() -> None:
    code = (
        "import sys, voicebot.speech.silero as s; s.SileroDetector(); print({'silero_vad', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ActivityError, match="pip install --no-deps silero-vad"):
        find_model()


def test_broken_and_foreign_model_files_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(find_model().read_bytes()[:1000])
    with pytest.raises(ActivityError, match=r"broken\.onnx cannot be loaded"):
        SileroDetector(broken)
    with pytest.raises(ActivityError, match=r"nothing\.onnx cannot be loaded"):
        SileroDetector(tmp_path / "nothing.onnx")
    other = find_model().with_name("silero_vad_16k_sequence.onnx")
    with pytest.raises(ActivityError, match="not a Silero model of version 5 or 6"):
        SileroDetector(other)
