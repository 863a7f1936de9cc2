"""From the true end of a caller's answer to the bot's first audio, live, with the real engines.

    python -m bench.answer_delay [--calls 10] [--rounds 2]

Recorded callers (bank/lost_card_blocked: its "yes" is the yes/no answer) are served in real time by the live ticker
and the live engine pools, several at once, with the store on disk. The delay is what the caller hears: from the last
sample of their voice in the recording to the first frame of the prompt that answers it. The frames that each engine
took are what replay's `Latency` stands for.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.machine import describe, quiet
from voicebot.audio.files import read_audio_at
from voicebot.call.timeline import CallerStopped, JobAnswered
from voicebot.media.house import House
from voicebot.media.live_calls import LiveCalls
from voicebot.media.ticker import Pace
from voicebot.qa.caller import FixtureLeg
from voicebot.qa.fixture import Fixture, load
from voicebot.qa.outcome import answers
from voicebot.qa.replay import facts_of
from voicebot.settings import Settings

ROOT = Path(__file__).parent.parent
CALLER = ROOT / "audio_fixtures/bank/lost_card_blocked.yml"
YES_OR_NO = {"affirm", "deny"}


def share(values: Sequence[float], part: float) -> float:
    """The value below which `part` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


async def serve(house: House, fixture: Fixture, calls: int, turn: int, pace: Pace) -> list[FixtureLeg]:
    """Serve `calls` callers at once, each a little later than the one before."""
    audio = read_audio_at(fixture.audio, fixture.rate).samples
    legs = []
    with house.stored() as stored, LiveCalls(house, stored) as live:
        for number in range(calls):
            later = [replace(cue, wait=cue.wait + 0.37 * number / calls) for cue in fixture.cues]
            leg = FixtureLeg(audio, fixture.rate, later, fixture.echo)
            facts = replace(facts_of(fixture), call_id=f"bench-{turn}-{number}", seed=number)
            await live.add(facts, leg)
            legs.append(leg)
        await live.run(pace)
    return legs


def engine_frames(legs: list[FixtureLeg]) -> dict[str, list[float]]:
    """By kind of job, the frames from issue to result."""
    taken: dict[str, list[float]] = defaultdict(list)
    for leg in legs:
        for entry in leg.entries:
            if isinstance(entry.event, JobAnswered):
                taken[entry.event.kind.split(":", maxsplit=1)[0]].append(entry.event.frames)
    return taken


def hangovers(legs: list[FixtureLeg]) -> list[float]:
    """How long each endpoint waited after the last voiced window."""
    return [float(e.event.hangover_ms) for leg in legs for e in leg.entries if isinstance(e.event, CallerStopped)]


def main() -> None:
    """Serve the calls and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    quiet()
    legs: list[FixtureLeg] = []
    pace = Pace()
    with tempfile.TemporaryDirectory() as data:
        house = House.open(Settings.load({"data": data, "project": str(ROOT)}))
        house.voice(8000)
        for turn in range(options.rounds):
            legs += asyncio.run(serve(house, load(CALLER), options.calls, turn, pace))
    report(legs, pace, options.calls)


def report(legs: list[FixtureLeg], pace: Pace, calls: int) -> None:
    """Print what was measured."""
    said = [answer for leg in legs for answer in answers(leg.entries, leg.spoken)]
    print(f"Answer delay, live, real engines, {calls} calls at once; {describe()}")
    print("answers        |   n |    p50 |    p95 |    max")
    for name, delays in (
        ("yes/no", [delay for intent, delay in said if intent in YES_OR_NO]),
        ("open questions", [delay for intent, delay in said if intent not in YES_OR_NO]),
        ("of it hangover", hangovers(legs)),
    ):
        if delays:
            row = f"{share(delays, 0.5):3.0f} ms | {share(delays, 0.95):3.0f} ms | {max(delays):3.0f} ms"
            print(f"{name:14} | {len(delays):3d} | {row}")
    for kind, frames in sorted(engine_frames(legs).items()):
        print(f"{kind}: {share(frames, 0.5):.0f} frames p50, {share(frames, 0.95):.0f} p95, {max(frames):.0f} max")
    print(f"ticks late: p99 {share(pace.late_ms, 0.99):.1f} ms, max {max(pace.late_ms):.1f} ms")


if __name__ == "__main__":
    main()
