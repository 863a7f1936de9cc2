"""Voice activity by the detector of WebRTC (package `webrtcvad-wheels`): cheap, and easily taken in by noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from voicebot.audio.frame import Samples

_AGGRESSIVENESS: Final = 2
_SMOOTHING: Final = 0.4
"""Share of the window before in a probability."""


@dataclass(slots=True, eq=False)
class WebRtcState:
    """One call: the detector, audio that did not fill its 10 ms yet, and the last probability."""

    rate: int
    vad: Any
    rest: bytes = b""
    probability: float = 0.0


class WebRtcDetector:
    """Yes-or-no decisions on 10 ms, smoothed into a probability. The alternative where Silero is missing."""

    @property
    def name(self) -> str:
        """Engine, as shown in timelines."""
        return "webrtc"

    def open(self, rate: int) -> WebRtcState:
        """A fresh state for one call of 8000 or 16000 Hz."""
        import webrtcvad

        return WebRtcState(rate, webrtcvad.Vad(_AGGRESSIVENESS))

    def run(self, batch: Sequence[tuple[WebRtcState, Samples]]) -> list[float]:
        """One 32 ms window per state; probabilities 0..1 in the same order. Updates the states."""
        return [_heard(state, samples) for state, samples in batch]


def _heard(state: WebRtcState, samples: Samples) -> float:
    audio = state.rest + samples.tobytes()
    step = state.rate // 100 * 2
    whole = len(audio) // step * step
    decisions = [state.vad.is_speech(audio[at : at + step], state.rate) for at in range(0, whole, step)]
    state.rest = audio[whole:]
    share = sum(decisions) / len(decisions)
    state.probability = _SMOOTHING * state.probability + (1 - _SMOOTHING) * share
    return state.probability
