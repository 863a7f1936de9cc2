"""`voicebot demo`: one recorded caller, served live from greeting to hand-off."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from voicebot.audio.files import read_audio_at
from voicebot.call.timeline import Entry
from voicebot.cli import options
from voicebot.cli.live import LiveView
from voicebot.cli.queue_view import print_entry
from voicebot.cli.screen import progress, screen
from voicebot.media.house import House
from voicebot.media.live_calls import LiveCalls
from voicebot.media.stored import StoredCalls
from voicebot.qa import fixture as fixtures
from voicebot.qa.caller import FixtureLeg
from voicebot.qa.fixture import Fixture
from voicebot.settings import Settings

DEFAULT: Final = Path("audio_fixtures/demo/from_greeting_to_human.yml")


NEXT: Final = """
Talk to it yourself:
  [bold].venv/bin/voicebot chat[/]                     the same conversation at the keyboard
  [bold].venv/bin/voicebot replay audio_fixtures[/]    all recorded callers, faster than real time
  [bold].venv/bin/voicebot queue list[/]               who waits for a human"""


class ShownLeg(FixtureLeg):
    """A scripted caller whose call is shown as it goes."""

    view: LiveView

    def watch(self, entries: Sequence[Entry]) -> None:
        """Show the entries; then as any scripted caller."""
        self.view.show(entries)
        super().watch(entries)


def demo(
    fixture: Annotated[Path | None, typer.Argument(metavar="[FIXTURE.yml]", help="The caller to serve.")] = None,
) -> None:
    """Serve one recorded caller in real time, with the live transcript, and show what the human gets."""
    settings = options.settings()
    caller = fixtures.load(fixture or settings.project / DEFAULT)
    screen.print("[bold]voicebot demo[/]: a recorded caller, served in real time\n")
    with progress("Loading models and speaking the prompts once", 1) as advance:
        house = House.open(settings, reread=options.settings)
        house.voice(caller.rate)
        advance("")
    screen.print(f"[dim]{house.describe()}[/]\n", soft_wrap=True)
    with house.stored() as calls:
        entry = asyncio.run(_serve(house, calls, caller, datetime.now(settings.zone)))
    _show_rest(settings, entry)


async def _serve(house: House, calls: StoredCalls, caller: Fixture, now: datetime) -> str | None:
    """Run the call on the live ticker with the live engine pools; the queue entry, if it was handed off."""
    called = house.facts(f"demo-{uuid.uuid4().hex[:8]}", caller.caller, caller.called, now)
    facts = replace(called, rate=caller.rate, seed=caller.seed, recording=caller.recording or called.recording)
    leg = ShownLeg(read_audio_at(caller.audio, caller.rate).samples, caller.rate, caller.cues, caller.echo)
    leg.view = LiveView(screen)
    with LiveCalls(house, calls) as live:
        call = await live.add(facts, leg)
        await live.run()
    return call.handed_off


def _show_rest(settings: Settings, entry: str | None) -> None:
    from voicebot.centre.queue import CallQueue
    from voicebot.store.database import Database

    if entry is not None:
        with Database.from_settings(settings) as database:
            queue = CallQueue(database)
            screen.rule("what the human gets (voicebot queue show)")
            print_entry(queue.show(entry), queue.now())
    screen.print(NEXT, soft_wrap=True)
