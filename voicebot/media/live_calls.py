"""The live calls of a process: their ticker, the engine pools and the recordings."""

from __future__ import annotations

import asyncio
import gc
from types import TracebackType
from typing import Self

from voicebot.call.call import Call
from voicebot.call.facts import CallFacts
from voicebot.media.engines import Work
from voicebot.media.house import House
from voicebot.media.line import Leg, Line, Recorder
from voicebot.media.live import LiveJobs
from voicebot.media.pools import Pools
from voicebot.media.stored import StoredCalls
from voicebot.media.ticker import Pace, Ticker, run_live
from voicebot.store.recordings import RecordingStore


class LiveCalls:
    """Opened with `with`; at its end calls that still run are ended, and what the store was given is finished."""

    def __init__(self, house: House, calls: StoredCalls) -> None:
        self._house = house
        self._calls = calls
        self._pools = Pools.open(house.settings.speech.recogniser_threads)
        self._recordings = RecordingStore(house.settings.recordings)
        self._ticker = Ticker(house.activity())
        gc.collect()
        gc.freeze()  # models and projects stay: to look through them again would stop the ticker for 130 ms

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ticker.hang_up("the service was stopped")
        self._pools.close()
        self._recordings.close()

    async def add(self, facts: CallFacts, leg: Leg) -> Call:
        """Answer a call; other calls go on meanwhile. Raises StoreError when nothing can be kept."""
        await asyncio.to_thread(self._prepare, facts)
        call = self._house.call(facts)
        work = Work(self._house.engines(facts.rate, self._calls), facts.call_id, facts.rate)
        self._ticker.add(Line(call, leg, LiveJobs(work, self._pools), self._record))
        return call

    def _prepare(self, facts: CallFacts) -> None:
        """What may take its time: a busy database, engines chosen meanwhile, prompts at a rate not needed before."""
        self._calls.open_call(facts)
        self._house.renew()
        self._house.voice(facts.rate)

    def _record(self, call: Call) -> Recorder:
        """Recording begins with the frame after the one that asked for it."""
        facts, first = call.facts, call.clock.frame
        self._calls.recorded(facts.call_id)
        return self._recordings.start(facts.call_id, rate=facts.rate, first_frame=first, started_at=facts.started_at)

    async def run(self, pace: Pace | None = None) -> None:
        """Tick until the last call has ended."""
        await run_live(self._ticker, pace)
