"""CPU of `Call.step` with Silero and stub engines at 1 to 100 calls, in real time; frames that come late; memory.

    python -m bench.call_step [--calls 1,10,50,100] [--seconds 20]

The callers are the recorded ones of audio_fixtures, each in a loop. Recogniser, interpreter and synthesiser are
stubs of no cost (the texts are the fixture's), so that what is measured is ours: ticker, voice activity, turn-taking,
playout. Each load runs in a process of its own, on one core.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.machine import describe
from voicebot.audio.files import read_audio_at
from voicebot.audio.frame import Frame, Samples, frame_length
from voicebot.call.call import Call
from voicebot.call.events import Input, VoiceActivity
from voicebot.call.facts import CallFacts
from voicebot.call.timeline import Entry
from voicebot.dialogue.actions import Actions
from voicebot.dialogue.events import Expectation, LearntSlot, Listen, Move, Say
from voicebot.media.engines import Engines, Work
from voicebot.media.inline import InlineJobs, Latency
from voicebot.media.line import Line
from voicebot.media.ticker import TICK_S, Ticker
from voicebot.nlu.interpreter import IntentScore, Interpretation
from voicebot.qa.fixture import DEFAULT_AT
from voicebot.qa.replay import Kept
from voicebot.speech.activity_batch import ActivityBatch
from voicebot.speech.recogniser import Hints, Hypothesis, Transcription
from voicebot.speech.silero import SileroDetector
from voicebot.speech.synthesiser import SpeechAudio

RATE = 8000
CALLER = Path(__file__).parent.parent / "audio_fixtures/demo/from_greeting_to_human.wav"
ANSWER_S = 4
PAUSE_S = 3.0
"""What the caller waits between two utterances, so that about a third of the call is their speech."""


class StubRecognition:
    """Hears the same words in everything."""

    def accept(self, samples: Samples) -> str:  # noqa: ARG002
        return "when are you open"

    def finish(self) -> Transcription:
        return Transcription((Hypothesis("when are you open", 0.9),), "stub")


class StubEngines:
    """Recogniser, interpreter and voice of no cost."""

    name = "stub"

    def __init__(self) -> None:
        time_axis = np.arange(RATE * ANSWER_S) / RATE
        self._tone = np.asarray(3000 * np.sin(2 * np.pi * 220 * time_axis), np.int16)

    def open(self, rate: int, hints: Hints) -> StubRecognition:  # noqa: ARG002
        return StubRecognition()

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:  # noqa: ARG002
        return Interpretation(text, IntentScore("branch_hours", 0.9), engine="stub")

    def get(self, text: str) -> SpeechAudio | None:
        return SpeechAudio(text, self._tone, RATE)

    def render(self, text: str, *, keep: bool = True) -> Iterator[SpeechAudio]:  # noqa: ARG002
        yield SpeechAudio(text, self._tone, RATE)


class StubDialogue:
    """Says something and listens, for ever."""

    def advance(self, event: object) -> list[Move]:  # noqa: ARG002
        return [Say("utter_answer", "an answer", "an answer"), Listen(Expectation(silence_s=60))]

    def learnt(self) -> tuple[LearntSlot, ...]:
        return ()


class LoopingLeg:
    """A caller who says the same again and again, starting somewhere in it."""

    def __init__(self, frames: Sequence[Frame], start: int) -> None:
        self._frames = frames
        self._at = start % len(frames)

    def read(self) -> Frame:
        self._at = (self._at + 1) % len(self._frames)
        return self._frames[self._at]

    def news(self) -> Sequence[Input]:
        return ()

    def write(self, frame: Frame) -> None:
        """The caller hears it."""

    def watch(self, entries: Sequence[Entry]) -> None:
        """Nobody looks."""

    def close(self) -> None:
        """Nothing to close."""


class BoundedLine(Line):
    """A line that ends after so many frames, so that the run ends by itself."""

    left = 0

    def step(self, activity: VoiceActivity | None) -> None:
        self.left -= 1
        super().step(activity)
        if self.left <= 0:
            self.close()


def spaced(audio: Samples) -> Samples:
    """The caller's recording with pauses, so that speech is about a third of it."""
    chunk = round(RATE * 1.5)
    quiet = np.zeros(round(RATE * PAUSE_S), np.int16)
    return np.concatenate([part for i in range(0, audio.size, chunk) for part in (audio[i : i + chunk], quiet)])


def lines(count: int, frames: int) -> tuple[Ticker, list[Line]]:
    """A ticker with `count` calls."""
    stubs = StubEngines()
    engines = Engines(stubs, stubs, stubs, Actions(), Kept())
    ticker = Ticker(ActivityBatch(SileroDetector()))
    audio, length = spaced(read_audio_at(CALLER, RATE).samples), frame_length(RATE)
    spoken = [Frame(audio[i : i + length]) for i in range(0, audio.size - length, length)]
    made: list[Line] = []
    from datetime import datetime

    for number in range(count):
        facts = CallFacts(f"c{number}", "", "", datetime.fromisoformat(DEFAULT_AT), rate=RATE, seed=number)
        call = Call(facts, StubDialogue(), stubs, lambda e: Hints(e.kind.value))
        jobs = InlineJobs(Work(engines, facts.call_id, RATE), Latency(0, 0, 0, 0, 0))
        line = BoundedLine(call, LoopingLeg(spoken, number * 977), jobs)
        line.left = frames
        made.append(line)
        ticker.add(line)
    return ticker, made


def measure(count: int, seconds: float) -> dict[str, float]:
    """One run at `count` calls; runs in its own process."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    lines(1, 1)[0].tick()  # loads models and code before memory is read
    before = memory_kb()
    ticker, kept = lines(count, round(seconds * 50))
    for _ in range(25):
        ticker.tick()
    grown = memory_kb() - before
    gc.collect()
    gc.freeze()
    started = time.process_time()
    late = sorted(run_paced(ticker))
    cpu = time.process_time() - started
    return {
        "calls": count,
        "cpu_ms_per_call_s": 1000 * cpu / (len(late) / 50) / count,
        "core": cpu / (len(late) / 50),
        "late_p99_ms": late[int(len(late) * 0.99)],
        "late_max_ms": late[-1],
        "kb_per_call": grown / len(kept),
    }


def run_paced(ticker: Ticker) -> list[float]:
    """Tick in real time until no line is left; how late each tick was done, in ms after the next one was due."""
    late: list[float] = []
    due = time.monotonic()
    while len(ticker):
        ticker.tick()
        due += TICK_S
        now = time.monotonic()
        late.append(max(0.0, (now - due) * 1000))
        time.sleep(max(0.0, due - now))
    return late


def memory_kb() -> float:
    """Resident memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize() / 1024


def main() -> None:
    """Measure each load in a fresh process and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", default="1,10,50,100")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.seconds)))
        return
    print(f"Call.step with Silero, stub engines, 8 kHz, real time, one core; {describe()}")
    print("calls | CPU ms per call-second | of a core | late p99 | late max | memory a call")
    for count in map(int, options.calls.split(",")):
        command = [sys.executable, "-m", "bench.call_step", "--one", str(count), "--seconds", str(options.seconds)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        row = json.loads(done.stdout)
        print(
            f"{count:5d} | {row['cpu_ms_per_call_s']:22.2f} | {row['core']:8.1%} | {row['late_p99_ms']:5.1f} ms "
            f"| {row['late_max_ms']:5.1f} ms | {row['kb_per_call']:6.0f} KB"
        )


if __name__ == "__main__":
    main()
