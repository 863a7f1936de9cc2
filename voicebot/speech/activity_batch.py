"""The voice activity of all calls of a process, one detector run a tick."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic

import numpy as np

from voicebot.audio.frame import FRAME_MS, RATES, Samples, frame_length
from voicebot.speech.activity import WINDOW_MS, ActivityDetector, ActivityError, S
from voicebot.speech.silero import SileroDetector
from voicebot.speech.webrtc import WebRtcDetector

STAGGERS: Final = 8
"""Window phases of calls: 8 frames hold 5 windows."""
_GATE_AGGRESSIVENESS: Final = 0
_GATE_HOLD_FRAMES: Final = 300 // FRAME_MS
"""How long the gate stays open after it heard something."""
_CATCH_UP: Final = 2
"""Windows before the gate opened that the detector still hears, so that it knows how the word began."""
_DECIMALS: Final = 3
_FADED: Final = 10 ** (-27 / 10)
"""A window this much weaker than the loudest voiced one before it is no speech, whatever the detector says: Silero
holds on for 50 to 200 ms after the last sound, and answers wait for the end of speech."""
_PEAK_DECAY: Final = 10 ** (-0.4 / 10)
"""By how much the loudest window counts for less with each window that follows."""
_VOICED: Final = 0.35
"""Probability from which a window counts for the level of the voice."""


@dataclass(slots=True, eq=False)
class Stream(Generic[S]):
    """The audio of one call on its way into windows. Made by `ActivityBatch.open`."""

    rate: int
    state: S
    gate: Any
    buffer: Samples
    filled: int
    window: Samples
    probability: float = 0.0
    peak: float = 0.0
    quiet_frames: int = _GATE_HOLD_FRAMES
    skipped: deque[Samples] = field(default_factory=lambda: deque(maxlen=_CATCH_UP))

    @property
    def lag_ms(self) -> float:
        """How long before the end of the last frame the last full window ended: 0 to 16 ms."""
        return self.filled * 1000 / self.rate

    @property
    def hearing(self) -> bool:
        """Whether the gate, if there is one, is open."""
        return self.gate is None or self.quiet_frames < _GATE_HOLD_FRAMES


class ActivityBatch(Generic[S]):
    """Collects frames of all calls; each tick decides for those whose 32 ms window is full.

    The same audio and stagger give the same probabilities whichever calls share a run: the detector's output does not
    depend on the batch, and three decimals are kept.
    """

    def __init__(self, detector: ActivityDetector[S], *, gate: bool = True) -> None:
        """With `gate`, webrtcvad spares the detector the windows around which it hears nothing."""
        self._detector = detector
        self._gated = gate
        self._full: list[Stream[S]] = []

    @property
    def name(self) -> str:
        """The detector's."""
        return self._detector.name

    def open(self, rate: int, stagger: int = 0) -> Stream[S]:
        """A call of 8000 or 16000 Hz; calls of different `stagger` (0 to 7) fill their windows at different ticks."""
        if rate not in RATES:
            raise ValueError(f"A call runs at 8000 or 16000 Hz, not {rate}.")
        window = rate * WINDOW_MS // 1000
        filled = stagger % STAGGERS * window // STAGGERS
        buffer = np.zeros(window + frame_length(rate), np.int16)
        return Stream(
            rate, self._detector.open(rate), _gate() if self._gated else None, buffer, filled, buffer[:window]
        )

    def push(self, stream: Stream[S], samples: Samples) -> None:
        """The next 20 ms of a call; at most one frame of a call between two runs."""
        if stream.gate is not None:
            voiced = stream.gate.is_speech(samples.tobytes(), stream.rate)
            stream.quiet_frames = 0 if voiced else stream.quiet_frames + 1
        buffer, window, end = stream.buffer, len(stream.window), stream.filled + len(samples)
        buffer[stream.filled : end] = samples
        if end >= window:
            stream.window = buffer[:window].copy()
            end -= window
            buffer[:end] = buffer[window : window + end]
            self._full.append(stream)
        stream.filled = end

    def run(self) -> list[tuple[Stream[S], float]]:
        """Speech probability of every call whose window filled since the last run, in the order of `push`."""
        if not self._full:
            return []
        full, self._full = self._full, []
        hearing = []
        for stream in full:
            if stream.hearing:
                hearing.append(stream)
            else:
                stream.probability = stream.peak = 0.0
                stream.skipped.append(stream.window)
        self._decide(hearing)
        return [(stream, stream.probability) for stream in full]

    def _decide(self, streams: Sequence[Stream[S]]) -> None:
        """One run for all; before it, runs of the windows skipped by those whose gate has just opened."""
        while waiting := [stream for stream in streams if stream.skipped]:
            self._detector.run([(stream.state, stream.skipped.popleft()) for stream in waiting])
        probabilities = self._detector.run([(stream.state, stream.window) for stream in streams])
        for stream, probability in zip(streams, probabilities, strict=True):
            stream.probability = 0.0 if _has_faded(stream, probability) else round(probability, _DECIMALS)


def _has_faded(stream: Stream[Any], probability: float) -> bool:
    """Whether the window is no more than the echo of a voice in the detector's memory. Keeps the level of the voice."""
    stream.peak *= _PEAK_DECAY
    if probability < _VOICED:
        return False
    wide = stream.window.astype(np.float64)
    power = float(wide @ wide)
    if power < stream.peak * _FADED:
        return True
    stream.peak = max(stream.peak, power)
    return False


def best_detector() -> tuple[ActivityDetector[Any], str]:
    """Silero where its model is installed, else WebRTC's; with a sentence that says which and why."""
    try:
        return SileroDetector(), "Voice activity is decided by Silero."
    except ActivityError as error:
        return WebRtcDetector(), f"Voice activity is decided by webrtcvad alone. {error}"


def _gate() -> Any:
    import webrtcvad

    return webrtcvad.Vad(_GATE_AGGRESSIVENESS)
