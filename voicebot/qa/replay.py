"""Replays fixtures in virtual time, through the very call that serves live callers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from voicebot.audio.files import read_audio_at
from voicebot.audio.frame import FRAMES_PER_SECOND
from voicebot.call.call import Call
from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.media.engines import Voice, Work
from voicebot.media.house import House
from voicebot.media.inline import InlineJobs, Latency
from voicebot.media.line import Line
from voicebot.media.ticker import Ticker, run_virtual
from voicebot.qa.caller import FixtureLeg
from voicebot.qa.check import failures, unknown_responses
from voicebot.qa.fixture import MOST_SECONDS, Fixture
from voicebot.qa.outcome import Outcome, ended
from voicebot.speech.synthesiser import SpeechAudio


@dataclass(slots=True)
class Kept:
    """The store of a replay: keeps everything in memory, with ids that are the same in every run."""

    turns: list[TranscriptTurn] = field(default_factory=list)
    packages: list[HandOffPackage] = field(default_factory=list)

    def open_call(self, facts: CallFacts) -> None:
        """Nothing to be kept."""

    def commit_turn(self, call_id: str, turn: TranscriptTurn) -> None:  # noqa: ARG002 - one call only
        """Keep a line."""
        self.turns.append(turn)

    def hand_off(self, package: HandOffPackage) -> tuple[str, int]:
        """Keep a package."""
        self.packages.append(package)
        return f"Q-{len(self.packages)}", len(self.packages)

    def close_call(self, call_id: str, outcome: str, reason: str, duration_ms: int) -> None:
        """Nothing to be kept."""


@dataclass(frozen=True, slots=True)
class Forgetful:
    """A voice that remembers nothing of a replay, so that the next one takes exactly as long."""

    voice: Voice

    def get(self, text: str) -> SpeechAudio | None:
        """The audio of a fixed prompt."""
        return self.voice.get(text)

    def render(self, text: str, *, keep: bool = True) -> Iterator[SpeechAudio]:  # noqa: ARG002 - kept by nobody
        """Synthesise, each time anew."""
        return self.voice.render(text, keep=False)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A fixture, what became of it, and how long that took in CPU seconds."""

    fixture: Fixture
    outcome: Outcome
    failures: tuple[str, ...]
    cpu_s: float
    leg: FixtureLeg

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.failures


def replay(fixture: Fixture, house: House, latency: Latency | None = None) -> Replayed:
    """Run one fixture to its end, or for ten minutes of call at most."""
    started = time.process_time()
    kept = Kept()
    call = house.call(facts_of(fixture))
    leg = FixtureLeg(read_audio_at(fixture.audio, fixture.rate).samples, fixture.rate, fixture.cues, fixture.echo)
    engines = house.engines(fixture.rate, kept)
    work = Work(replace(engines, voice=Forgetful(engines.voice)), call.facts.call_id, fixture.rate)
    jobs = InlineJobs(work, latency)
    ticker = Ticker(house.activity())
    ticker.add(Line(call, leg, jobs))
    run_virtual(ticker, MOST_SECONDS * FRAMES_PER_SECOND)
    jobs.close()
    outcome = _outcome(call, leg, kept)
    wrong = (*unknown_responses(fixture, house.script.responses.by_name), *failures(fixture, outcome))
    return Replayed(fixture, outcome, wrong, time.process_time() - started, leg)


def facts_of(fixture: Fixture) -> CallFacts:
    """What is known of the fixture's call before it begins."""
    return CallFacts(
        call_id=fixture.name,
        caller=fixture.caller,
        called=fixture.called,
        started_at=fixture.at,
        language=fixture.language,
        rate=fixture.rate,
        seed=fixture.seed,
        recording=fixture.recording or "off",
    )


def _outcome(call: Call, leg: FixtureLeg, kept: Kept) -> Outcome:
    return Outcome(
        timeline=tuple(leg.entries),
        transcript=tuple(kept.turns),
        spoken=tuple(leg.spoken),
        package=kept.packages[-1] if kept.packages else None,
        ended=ended(leg.entries),
        duration_ms=call.duration_ms,
        missed=leg.waiting,
    )


def report(results: list[Replayed]) -> dict[str, Any]:
    """What `voicebot replay --json` writes: totals, and for every fixture what was expected and what came."""
    return {
        "passed": sum(r.passed for r in results),
        "failed": sum(not r.passed for r in results),
        "fixtures": [_report(r) for r in results],
    }


def _report(result: Replayed) -> dict[str, Any]:
    outcome = result.outcome
    return {
        "name": result.fixture.name,
        "title": result.fixture.title,
        "passed": result.passed,
        "failures": list(result.failures),
        "outcome": outcome.ended,
        "queue": outcome.package.queue if outcome.package else None,
        "reason": outcome.package.reason.value if outcome.package else None,
        "intents": outcome.intents(),
        "slots": outcome.slots(),
        "delays_ms": outcome.delays_ms(),
        "duration_s": outcome.duration_ms / 1000,
        "cpu_s": round(result.cpu_s, 3),
        "timeline": [json.loads(entry.as_json()) for entry in outcome.timeline],
    }
