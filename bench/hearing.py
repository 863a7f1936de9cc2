"""How well voice activity, endpointer and echo guard hear: rates on recorded speech.

Run: python -m bench.hearing. With the larger corpus beside the checkout its recordings are used, otherwise the few
of the tests.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.speech.recorded import CORPUS, FOLDER, RATE, blocks, noisy, pause, with_pauses
from tests.speech.telephone import Line, listen, received
from voicebot.audio.files import read_audio
from voicebot.audio.frame import Samples
from voicebot.speech.activity_batch import ActivityBatch
from voicebot.speech.echo import EchoGuard
from voicebot.speech.endpointer import Endpointer, SpeechEnded
from voicebot.speech.silero import SileroDetector

Row = dict[str, object]


def recordings(kind: str, pattern: str, count: int) -> list[Samples]:
    """Up to `count` recordings, spread over the corpus; those of the tests without one."""
    folder: Path = CORPUS / kind
    paths = sorted(folder.glob("*.flac") if folder.is_dir() else FOLDER.glob(pattern))
    return [read_audio(path).samples for path in paths[:: max(1, len(paths) // count)]][:count]


def utterances(detector: SileroDetector, audio: Samples) -> list[SpeechEnded]:
    """What the endpointer makes of a caller's audio with the default hangover."""
    batch = ActivityBatch(detector)
    stream, endpointer, ended = batch.open(RATE), Endpointer(), []
    for number, frame in enumerate(blocks(audio, RATE // 50), 1):
        batch.push(stream, frame)
        for _, probability in batch.run():
            event = endpointer.window(probability, number * 20 - stream.lag_ms, 500)
            ended += [event] if isinstance(event, SpeechEnded) else []
    return ended


def bounds(detector: SileroDetector, words: list[Samples], noise_rms: float) -> Row:
    """Recorded words found, and how late begin and end are found against the audible (within 20 dB of the loudest)."""
    audio, spans = with_pauses(words, 1.2)
    ended = utterances(detector, noisy(audio, noise_rms))
    late, tail = [], []
    for begin, end in spans:
        power = np.convolve(audio[begin:end].astype(float) ** 2, np.ones(80), "same")
        loud = (np.flatnonzero(power > power.max() / 100) + begin) * 1000 / RATE
        own = [one for one in ended if one.started_ms < loud[-1] + 150 and one.ended_ms > loud[0] - 50]
        if own:
            late.append(own[0].started_ms - loud[0])
            tail.append(own[-1].ended_ms - loud[-1])
    return {
        "words": len(spans),
        "line_noise_rms": noise_rms,
        "found": len(late),
        "begin_late_ms_p50_p95": [round(float(value)) for value in np.percentile(late, (50, 95))],
        "end_late_ms_p50_p95": [round(float(value)) for value in np.percentile(tail, (50, 95))],
    }


def echo_alone(detector: SileroDetector, prompts: list[Samples], echo_db: float, noise_db: float, spread: int) -> Row:
    """Voiced windows of pure echo not taken for echo, and utterances they would have started."""
    missed = windows = starts = 0
    for number, prompt in enumerate(prompts):
        sent = np.concatenate((prompt, pause(0.8)))
        line = Line(echo_db, 60 + 240 * number / len(prompts), noise_db, spread, seed=number)
        outcome = listen(detector, sent, received(sent, line), EchoGuard(RATE))
        windows += len(outcome.windows)
        missed += sum(not echo for _, echo in outcome.windows)
        starts += len(outcome.starts)
    row: Row = {"echo_db": echo_db, "noise_db": noise_db, "smeared_ms": round(spread / 8, 1), "prompts": len(prompts)}
    return row | {"voiced_windows": windows, "missed": missed, "false_starts": starts}


def caller_over_bot(
    detector: SileroDetector, prompts: list[Samples], callers: list[Samples], echo_db: float | None, caller_db: float
) -> Row:
    """How much later, in windows, a caller starts than without bot and guard; share of voiced windows suppressed."""
    late, suppressed, lost = [], [], 0
    for number, (prompt, voice) in enumerate(zip(prompts, callers, strict=False)):
        sent, at = np.concatenate((prompt, prompt)), 10000
        caller = voice[int(np.argmax(np.abs(voice) > 800)) :][:16000]
        delay = 60 + 240 * number / len(prompts)
        alone = received(sent, Line(None, seed=number), caller, at, caller_db)
        both = received(sent, Line(echo_db, delay, seed=number), caller, at, caller_db)
        expected = [start for start in listen(detector, sent, alone, None).starts if start > at / 8]
        outcome = listen(detector, sent, both, EchoGuard(RATE))
        starts = [start for start in outcome.starts if at / 8 - 50 < start < at / 8 + 2000]
        lost += bool(expected and not starts)
        late += [(starts[0] - expected[0]) / 32] if expected and starts else []
        suppressed.append(outcome.echo_share(at / 8 + 200, at / 8 + 1900))
    row: Row = {"caller_db": caller_db, "echo_db": echo_db, "callers": len(late) + lost, "not_heard": lost}
    row["late_windows_p50_p95_max"] = [round(float(value), 1) for value in np.percentile(late, (50, 95, 100))]
    row["suppressed_share"] = round(float(np.mean(suppressed)), 3)
    return row


def measure() -> Iterator[Row]:
    """All figures, one row each."""
    detector = SileroDetector()
    words, callers = recordings("fsdd", "digit-*.flac", 200), recordings("picovoice", "order-*.flac", 24)
    longest = sorted(recordings("asterisk", "prompt-*.flac", 1500), key=len, reverse=True)
    prompts = [prompt[:64000] for prompt in longest[20:44] or longest]
    for noise_rms in (0, 10, 30, 100):
        yield bounds(detector, words, noise_rms)
    for echo_db, noise_db, spread in ((-15, -30, 1), (-20, -30, 1), (-20, -50, 1), (-30, -30, 1), (-20, -40, 48)):
        yield echo_alone(detector, prompts, echo_db, noise_db, spread)
    for over_db in (None, -30, -20, -15):
        for caller_db in (-10, 0, 6):
            yield caller_over_bot(detector, prompts, callers, over_db, caller_db)


if __name__ == "__main__":
    for figures in measure():
        sys.stdout.write(json.dumps(figures) + "\n")
