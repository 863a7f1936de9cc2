"""Voice activity by Silero VAD (ONNX, MIT licence), several calls in one run.

Calls of 8 kHz are interpolated to 16 kHz for the model: its 16 kHz branch hears quiet and noisy speech that its 8 kHz
branch misses (recorded digits over line noise at -60 dBFS: 99 % start an utterance, against 86 %).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frame import Samples
from voicebot.speech.activity import ActivityError

Floats = NDArray[np.float32]

_MODEL_RATE: Final = 16000
_CONTEXT: Final = 64
"""Samples before a window that the model wants to see again."""
_WINDOW: Final = 512
_DITHER_LSB: Final = 2
_DITHER_ROWS: Final = 64
_INTERPOLATION: Final = (0.6186, -0.1596, 0.0545, -0.0135)
"""Half of a symmetric half-band low-pass: weights of the 1st to 4th neighbour on each side of a new sample."""
_TAILS: Final = {8000: _CONTEXT // 2 + 2 * len(_INTERPOLATION), 16000: _CONTEXT}
"""Samples of a window that are needed again with the next one, by rate."""


@dataclass(slots=True, eq=False)
class SileroState:
    """What the model remembers of one call: `memory` (2, 1, 128), the end of the last window, windows so far."""

    rate: int
    tail: Floats
    memory: Floats = field(default_factory=lambda: np.zeros((2, 1, 128), np.float32))
    windows: int = 0


class SileroDetector:
    """One model for all calls, on one thread; its output does not depend on which calls share a run."""

    def __init__(self, path: Path | None = None) -> None:
        """Load the model, by default that of the package `silero-vad`. Raises ActivityError."""
        self._session = _session(path or find_model())
        self._rate = np.array(_MODEL_RATE, np.int64)

    @property
    def name(self) -> str:
        """Engine, as shown in timelines."""
        return "silero"

    def open(self, rate: int) -> SileroState:
        """A fresh state for one call of 8000 or 16000 Hz."""
        return SileroState(rate, np.zeros(_TAILS[rate], np.float32))

    def run(self, batch: Sequence[tuple[SileroState, Samples]]) -> list[float]:
        """One 32 ms window per state; speech probabilities 0..1 in the same order. Updates the states."""
        if not batch:
            return []
        windows = np.empty((len(batch), _CONTEXT + _WINDOW), np.float32)
        for rate, prepare in ((8000, _interpolated), (16000, _joined)):
            rows = [row for row, (state, _) in enumerate(batch) if state.rate == rate]
            if rows:
                windows[rows] = prepare([batch[row] for row in rows])
        memory = np.concatenate([state.memory for state, _ in batch], axis=1)
        inputs = {"input": windows, "state": memory, "sr": self._rate}
        probabilities, memory = self._session.run(None, inputs)
        for row, (state, _) in enumerate(batch):
            state.memory = memory[:, row : row + 1].copy()
            state.windows += 1
        return [float(probability) for probability in probabilities[:, 0]]


def find_model() -> Path:
    """The model file of the installed package `silero-vad`, which is not imported (it needs torch).

    Raises ActivityError when it is not there.
    """
    package = importlib.util.find_spec("silero_vad")
    for folder in (package and package.submodule_search_locations) or ():
        path = Path(folder) / "data" / "silero_vad.onnx"
        if path.is_file():
            return path
    raise ActivityError("The Silero model is missing; install it with `pip install --no-deps silero-vad`.")


def _session(path: Path) -> Any:
    """An inference session that uses the calling thread only."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no other common base
        raise ActivityError(f"{path} cannot be loaded as a Silero model; install silero-vad again.") from error
    if {entry.name for entry in session.get_inputs()} != {"input", "state", "sr"}:
        raise ActivityError(f"{path} is not a Silero model of version 5 or 6; install silero-vad 6.")
    return session


def _joined(batch: Sequence[tuple[SileroState, Samples]]) -> Floats:
    """Tails and dithered windows, full scale 1, shape (calls, tail + window); stores the new tails.

    Digital silence between words upsets the model; hence the dither, a fixed sequence in each call.
    """
    tail, length = len(batch[0][0].tail), len(batch[0][1])
    joined = np.empty((len(batch), tail + length), np.float32)
    joined[:, :tail] = [state.tail for state, _ in batch]
    joined[:, tail:] = [samples for _, samples in batch]
    joined[:, tail:] += _dither(length)[[state.windows % _DITHER_ROWS for state, _ in batch]]
    joined[:, tail:] *= np.float32(1 / 32768)
    for row, (state, _) in enumerate(batch):
        state.tail = joined[row, length:].copy()
    return joined


def _interpolated(batch: Sequence[tuple[SileroState, Samples]]) -> Floats:
    """As `_joined` for calls of 8 kHz, at twice the rate."""
    narrow = _joined(batch)
    reach = len(_INTERPOLATION)
    kept = narrow.shape[1] - 2 * reach
    wide = np.empty((len(batch), 2 * kept), np.float32)
    wide[:, ::2] = narrow[:, reach : reach + kept]
    between = np.zeros((len(batch), kept), np.float32)
    for distance, weight in enumerate(_INTERPOLATION):
        left, right = reach - distance, reach + 1 + distance
        between += np.float32(weight) * (narrow[:, left : left + kept] + narrow[:, right : right + kept])
    wide[:, 1::2] = between
    return wide


@cache
def _dither(length: int) -> Floats:
    """Rows of triangular noise of +-_DITHER_LSB, the same on every machine."""
    steps = np.random.Generator(np.random.PCG64(32)).integers(0, _DITHER_LSB + 1, (2, _DITHER_ROWS, length))
    rows: Floats = (steps[0] - steps[1]).astype(np.float32)
    return rows
