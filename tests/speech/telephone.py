"""A telephone line between bot and caller: G.711, noise, and the bot's voice coming back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.speech.recorded import RATE, blocks
from voicebot.audio.frame import Samples
from voicebot.audio.g711 import decode_ulaw, encode_ulaw
from voicebot.audio.level import saturate
from voicebot.speech.activity_batch import ActivityBatch
from voicebot.speech.echo import EchoGuard
from voicebot.speech.endpointer import Endpointer, SpeechStarted
from voicebot.speech.silero import SileroDetector


@dataclass(frozen=True, slots=True)
class Line:
    """Levels in dB relative to the bot's. `echo_db` None: no echo. `spread` samples: the echo is smeared over them."""

    echo_db: float | None = -20.0
    delay_ms: float = 150.0
    noise_db: float = -40.0
    spread: int = 1
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a line listened to: starts of speech in ms, voiced windows, and (end in ms, taken for echo) of each."""

    starts: tuple[float, ...]
    windows: tuple[tuple[float, bool], ...]

    def echo_share(self, begin_ms: float = 0, end_ms: float = 1e9) -> float:
        """Share of the voiced windows in a span that were taken for echo."""
        inside = [echo for end, echo in self.windows if begin_ms <= end <= end_ms]
        return sum(inside) / max(len(inside), 1)


def level(samples: Samples) -> float:
    """Root mean square of the active frames (within 30 dB of the loudest)."""
    powers = np.array([np.mean(frame.astype(float) ** 2) for frame in blocks(samples, RATE // 50)])
    return float(np.sqrt(powers[powers > powers.max() / 1000].mean()))


def received(sent: Samples, line: Line, caller: Samples | None = None, at: int = 0, caller_db: float = 0) -> Samples:
    """What comes from the line while `sent` goes out; the caller begins at sample `at`."""
    random = np.random.default_rng(line.seed)
    total = random.normal(0, level(sent) * 10 ** (line.noise_db / 20), len(sent))
    if line.echo_db is not None:
        path = random.normal(size=line.spread) * np.exp(-4 * np.arange(line.spread) / line.spread)
        echo = np.convolve(decode_ulaw(encode_ulaw(sent)), path / np.linalg.norm(path) * 10 ** (line.echo_db / 20))
        delay = round(line.delay_ms * RATE / 1000)
        total[delay:] += echo[: len(sent) - delay]
    if caller is not None:
        heard = caller[: len(sent) - at] * (level(sent) / level(caller) * 10 ** (caller_db / 20))
        total[at : at + len(heard)] += heard
    return decode_ulaw(encode_ulaw(saturate(total)))


def listen(detector: SileroDetector, sent: Samples, came: Samples, guard: EchoGuard | None) -> Outcome:
    """Voice activity and endpointer on what came, as a call does it; windows taken for echo count as silence."""
    batch = ActivityBatch(detector)
    stream, endpointer = batch.open(RATE), Endpointer()
    starts, windows = [], []
    for number, (out, back) in enumerate(zip(blocks(sent, 160), blocks(came, 160), strict=True), 1):
        if guard is not None:
            guard.far(out)
            guard.near(back)
        batch.push(stream, back)
        for _, probability in batch.run():
            echo = guard is not None and probability >= 0.35 and guard.is_echo()
            if probability >= 0.35:
                windows.append((number * 20.0, echo))
            event = endpointer.window(0 if echo else probability, number * 20 - stream.lag_ms, 500)
            starts += [number * 20.0] if isinstance(event, SpeechStarted) else []
    return Outcome(tuple(starts), tuple(windows))
