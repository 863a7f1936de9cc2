"""Account numbers of live calls: not in the database, the spool, the recordings' names or the prompts kept on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.leaks import leaks, leaks_in_files
from tests.media.stage import Stage, locked_database
from voicebot.call.call import Call
from voicebot.call.commands import RunAction, Synthesise
from voicebot.media.line import Recorder
from voicebot.store.recordings import RecordingStore

NUMBERS = ("70352846", "31620594", "11111111")
CALLERS = ("bank/balance_by_keypad", "bank/balance_by_voice", "bank/number_corrected", "turns/digits_in_groups")


@pytest.mark.parametrize("busy", [False, True])
def test_no_account_number_is_kept(on: Stage, tmp_path: Path, busy: bool) -> None:
    with RecordingStore(tmp_path / "recordings") as recordings:

        def record(call: Call) -> Recorder:
            facts, first = call.facts, call.clock.frame
            return recordings.start(facts.call_id, rate=facts.rate, first_frame=first, started_at=facts.started_at)

        guests = [on.enter("hung-action", CALLERS[1], hung=(RunAction,), record=record)]
        guests += [on.enter("hung-voice", CALLERS[0], hung=(Synthesise,), record=record)]
        if not busy:
            guests += [on.enter(name.replace("/", "-"), name, record=record) for name in CALLERS]
        if busy:
            with locked_database(on.database):
                on.play()
        else:
            on.play()
    timelines = [entry.as_json() for guest in guests for entry in guest.leg.entries]
    said = [turn.text for guest in guests for turn in guest.call.transcript]
    assert any("••••" in text for text in said)
    assert bool(on.database.spool.files()) is busy
    for number in NUMBERS:
        assert not leaks(number, *timelines, *said)
        assert not leaks_in_files(number, tmp_path, on.house.settings.data, but=("models",))
