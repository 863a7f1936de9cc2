"""A store that is busy, read-only, gone, or fails for a while, in the middle of calls.

The caller hears an apology and reaches a human, or the call goes on; what was said is stored; others notice nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.media.stage import (
    APOLOGY,
    BALANCE,
    CASE_LOST,
    CASE_STORED,
    SPOKEN,
    Stage,
    check_kept,
    locked_database,
)
from voicebot.audio.frame import FRAMES_PER_SECOND
from voicebot.call.commands import StoreHandOff
from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage, TranscriptTurn
from voicebot.call.timeline import HandedOff, PromptStarted
from voicebot.dialogue.events import HandOffReason

pytestmark = pytest.mark.usefixtures("other")


# --- keeping -------------------------------------------------------------------------------------------------------


@dataclass
class Books:
    """A store in which some things fail for a while."""

    stage: Stage
    turns: int = 0
    hand_offs: int = 0
    ends: int = 0

    def open_call(self, facts: CallFacts) -> None:
        self.stage.calls.open_call(facts)

    def commit_turn(self, call_id: str, turn: TranscriptTurn) -> None:
        self.turns -= 1
        if self.turns >= 0:
            raise OSError(28, "No space left on device")
        self.stage.calls.commit_turn(call_id, turn)

    def hand_off(self, package: HandOffPackage) -> tuple[str, int]:
        self.hand_offs -= 1
        if self.hand_offs >= 0:
            raise OSError(28, "No space left on device")
        return self.stage.calls.hand_off(package)

    def close_call(self, call_id: str, outcome: str, reason: str, duration_ms: int) -> None:
        self.ends -= 1
        if self.ends >= 0:
            raise OSError(28, "No space left on device")
        self.stage.calls.close_call(call_id, outcome, reason, duration_ms)


def test_lines_that_could_not_be_stored_are_stored_with_the_next_one(on: Stage) -> None:
    guest = on.enter("broken", BALANCE, calls=Books(on, turns=3))
    on.play()
    check_kept(on, guest)
    assert guest.outcome == "completed"


def test_lines_that_can_never_be_stored_still_go_to_the_human(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, calls=Books(on, turns=10**6))
    on.play()
    (package,) = on.packages(guest)
    assert package.transcript
    assert package.reason is HandOffReason.USER_REQUEST
    assert not on.stored(guest)


def test_a_hand_off_that_fails_once_is_tried_again_and_told_then(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, calls=Books(on, hand_offs=1))
    on.play()
    check_kept(on, guest)
    (package,) = on.packages(guest)
    assert package.detail == "store failed: OSError"
    assert guest.first(HandedOff).frame <= guest.first(PromptStarted, response="utter_human_handoff").frame


def test_a_hand_off_that_cannot_be_stored_is_not_promised(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, calls=Books(on, hand_offs=10**6))
    on.play()
    check_kept(on, guest)
    assert guest.outcome == "failed"
    assert not on.packages(guest)
    assert {"utter_human_handoff", APOLOGY, CASE_STORED}.isdisjoint(guest.said)
    assert guest.heard_after(guest.first(PromptStarted, response=CASE_LOST))


def test_a_store_that_hangs_ends_with_an_apology_too(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, hung=(StoreHandOff,))
    on.play()
    check_kept(on, guest)
    assert guest.outcome == "failed"
    assert guest.said[-1] == CASE_LOST


def test_an_end_that_cannot_be_stored_harms_nobody(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, calls=Books(on, ends=1))
    on.play()
    assert guest.outcome == "handed_off"
    assert on.row(guest).outcome is None


def test_a_busy_database_delays_nothing_but_itself(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN)
    with locked_database(on.database):
        on.play()
        assert guest.said[-1] == "utter_human_handoff"
        assert on.database.spool.files(), "safe on the disk, though not in the database"
        assert not on.stored(guest)
    on.database.import_spool()
    check_kept(on, guest)
    assert [package.reason for package in on.packages(guest)] == [HandOffReason.USER_REQUEST]


def test_a_read_only_database_keeps_everything_in_the_spool(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN)
    with on.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    on.play()
    assert guest.said[-1] == "utter_human_handoff"
    assert on.database.spool.files()
    with on.database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    on.database.import_spool()
    check_kept(on, guest)


def test_a_database_that_is_removed_is_made_anew(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN)
    assert on.database._file is not None
    run = on.ticker
    for _ in range(2 * FRAMES_PER_SECOND):
        run.tick()
    for file in on.database._file.parent.glob("voicebot.db*"):
        file.unlink()
    on.play()
    check_kept(on, guest)
    assert len(on.packages(guest)) == 1


def test_nothing_is_promised_when_neither_database_nor_spool_can_be_written(on: Stage) -> None:
    on.shared_trouble = True
    guest = on.enter("broken", SPOKEN)
    spool = on.database.spool.directory
    with locked_database(on.database):
        spool.touch()
        on.play()
        spool.unlink()
    assert guest.said[-1] == CASE_LOST
    assert guest.outcome == "failed"
    assert not on.packages(guest)
