"""The bot's own voice coming back from the line, told from a caller who talks over the bot.

The line is heard through an echo path: a delay, then a short filter. Its delay is found where what came in correlates
best with what was sent; the filter by least squares, refined as long as it explains what comes in. What the filter
leaves over is the caller. (Compare ITU-T G.168; nothing is cancelled here, only decided.)
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frame import Samples, frame_length, silence

Floats = NDArray[np.float32]

_RATE: Final = 8000
"""All samples counted below are at this rate; calls of 16 kHz are brought down to it."""
_LEAST_LAG: Final = 20 * _RATE // 1000
_MOST_LAG: Final = 400 * _RATE // 1000
_COMPARED: Final = 1024
"""Samples (128 ms) in which a path is sought and learnt at first."""
_DECIDED: Final = 384
"""Samples (48 ms) about which it is decided."""
_TAPS: Final = 48
_TAPS_BEFORE: Final = 12
"""Taps of the filter that lie before the best lag."""
_FAR: Final = _COMPARED + _MOST_LAG + _TAPS
_FFT: Final = 4320

_SILENT: Final = 100.0
"""Power (mean square of 16-bit samples) below which the bot was silent."""
_WEAK: Final = 10 ** (-27 / 10)
"""Power, relative to the bot's loudest, below which nothing that comes in is a caller."""
_STRONGEST: Final = 0.1
"""An echo is at most this share of the power sent."""
_FORGET_A_FRAME: Final = 10 ** (-0.1 / 10)
"""How the bot's loudest level fades: 5 dB a second."""
_FOUND: Final = 0.33
"""Share of the power that one delay must explain for a first path; a caller's chance resemblance stays below."""
_MOVED: Final = 0.6
"""The same for another path than the known one."""
_SAME_LAG: Final = 8
_EXPLAINED: Final = (0.25, 0.6)
"""Least and most share of the power that may be left over of an echo, depending on how well the path is known."""
_REFINED: Final = 512
_MEMORY: Final = 0.8


class EchoGuard:
    """Knows of one call what was sent and what came in; decides whether what came in is only an echo."""

    def __init__(self, rate: int) -> None:
        """A call of 8000 or 16000 Hz."""
        step = rate // _RATE
        self._step = step
        self._sent = _Recent(_FAR * step, rate)
        self._heard = _Recent(_COMPARED * step, rate)
        self._path: _Path | None = None
        self._loudest = 0.0

    def far(self, samples: Samples) -> None:
        """The frame that is sent to the caller. Every frame, silence too, before `near` of the same 20 ms."""
        self._sent.append(samples)
        self._loudest *= _FORGET_A_FRAME

    def near(self, samples: Samples) -> None:
        """The frame that came from the caller."""
        self._heard.append(samples)

    @property
    def delay_ms(self) -> float | None:
        """Delay of the echo path; None while no echo was heard."""
        return None if self._path is None else self._path.lag * 1000 / _RATE

    def is_echo(self) -> bool:
        """Whether the last 48 ms are the bot's own voice, not a caller's. To be asked of voiced windows only.

        About 150 µs; 300 µs when a path is found. It learns, so the answers depend on the questions before.
        """
        far, near = self._narrow(self._sent), self._narrow(self._heard)
        energies = _window_energies(far)
        self._loudest = max(self._loudest, float(energies.max()) / _COMPARED)
        if self._loudest < _SILENT:
            return False
        if self._path is None:
            return _energy(near[-_DECIDED:]) < self._weak or self._find(far, near, energies)
        left = self._path.left_over(far, near[-_DECIDED:])
        if not self._is_little(self._path, left, near):
            return self._find(far, near, energies)
        self._path.refine(far, near, left)
        return True

    @property
    def _weak(self) -> float:
        return self._loudest * _WEAK * _DECIDED

    def _is_little(self, path: _Path, left: float, near: Floats) -> bool:
        """Whether what is left over of the decided samples is too little to be a caller."""
        return left < self._weak or left < path.tolerance * _energy(near[-_DECIDED:])

    def _find(self, far: Floats, near: Floats, energies: NDArray[np.float64]) -> bool:
        """Look for the path at all lags; whether it was found, there or at the known lag, and explains the samples."""
        products = np.fft.irfft(np.fft.rfft(far[_TAPS:], _FFT) * np.conj(np.fft.rfft(near, _FFT)), _FFT)[
            : len(energies)
        ]
        energy = _energy(near)
        shares = products * products / (np.maximum(energies, self._loudest * _COMPARED * 1e-3) * energy + 1)
        best = int(np.argmax(shares))
        share, lag = float(shares[best]), _MOST_LAG - best
        if energy > _STRONGEST * energies[best]:
            return False
        path = self._path
        if path is not None and abs(lag - path.lag) <= _SAME_LAG:
            left = _left_by_delay(far, near[-_DECIDED:], lag)
        elif share > (_FOUND if path is None else _MOVED):
            self._path = path = _Path(lag, (1 - share) / 2)
            path.learn(far, near)
            left = path.left_over(far, near[-_DECIDED:])
        else:
            return False
        return self._is_little(path, left, near)

    def _narrow(self, recent: _Recent) -> Floats:
        """What is remembered, at 8 kHz."""
        samples = recent.samples.astype(np.float32)
        return samples if self._step == 1 else (samples[::2] + samples[1::2]) * np.float32(0.5)


class _Recent:
    """The last `length` samples of a stream of frames at `rate` Hz, put together only when they are asked for."""

    def __init__(self, length: int, rate: int) -> None:
        self._length = length
        frames = -(-length // frame_length(rate))
        self._frames = deque([silence(rate).samples] * frames, frames)
        self.append = self._frames.append

    @property
    def samples(self) -> Samples:
        return np.concatenate(self._frames)[-self._length :]


class _Path:
    """An echo path: a filter of _TAPS taps around a lag, and how much it usually leaves over."""

    def __init__(self, lag: int, usually_left: float) -> None:
        self.lag = lag
        self._usually_left = usually_left
        self._taps = np.zeros(_TAPS, np.float32)
        self._gram = np.zeros((_TAPS, _TAPS), np.float32)
        self._cross = np.zeros(_TAPS, np.float32)

    @property
    def tolerance(self) -> float:
        """Share of the power that may be left over."""
        return float(np.clip(2.5 * self._usually_left, *_EXPLAINED))

    def left_over(self, far: Floats, near: Floats) -> float:
        """Energy of `near` that the path, made weaker or a little stronger as fits best, does not explain."""
        echo = self._delayed(far, len(near)) @ self._taps
        gain = min(max(float(echo @ near) / (_energy(echo) + 1), 0.0), 1.4)
        return _energy(near - gain * echo)

    def refine(self, far: Floats, near: Floats, left: float) -> None:
        """Learn from samples of which only `left` is not explained, unless that is mostly noise."""
        share = left / (_energy(near[-_DECIDED:]) + 1)
        if share < _EXPLAINED[1]:
            self.learn(far, near[-_REFINED:])
            self._usually_left += 0.1 * (share - self._usually_left)

    def learn(self, far: Floats, near: Floats) -> None:
        """Regularised least squares over `near` and, fading, what was learnt from before."""
        delayed = np.ascontiguousarray(self._delayed(far, len(near)))
        self._gram = _MEMORY * self._gram + delayed.T @ delayed
        self._cross = _MEMORY * self._cross + delayed.T @ near
        ridge = float(np.trace(self._gram)) / _TAPS * 1e-3 + 1
        self._taps = np.linalg.solve(self._gram + ridge * np.eye(_TAPS, dtype=np.float32), self._cross)

    def _delayed(self, far: Floats, length: int) -> Floats:
        """Shape (length, _TAPS): a row is what was sent from lag + _TAPS - _TAPS_BEFORE - 1 samples before it on."""
        end = len(far) - (self.lag - _TAPS_BEFORE)
        sent = far[end - length - _TAPS + 1 : end]
        return np.ndarray((length, _TAPS), np.float32, sent, 0, 2 * sent.strides)


def _window_energies(far: Floats) -> NDArray[np.float64]:
    """Energy of _COMPARED samples sent _MOST_LAG, _MOST_LAG - 1, ... _LEAST_LAG samples ago."""
    sums = np.zeros(len(far) - _TAPS + 1)
    np.cumsum(np.square(far[_TAPS:], dtype=np.float64), out=sums[1:])
    count = _MOST_LAG - _LEAST_LAG + 1
    energies: NDArray[np.float64] = sums[_COMPARED : _COMPARED + count] - sums[:count]
    return energies


def _left_by_delay(far: Floats, near: Floats, lag: int) -> float:
    """Energy of `near` that no multiple of what was sent `lag` samples before explains."""
    sent = far[len(far) - len(near) - lag : len(far) - lag]
    product = float(sent @ near)
    return _energy(near) - product * product / (_energy(sent) + 1)


def _energy(samples: Floats) -> float:
    return float(samples @ samples)
