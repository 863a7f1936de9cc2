"""The call itself, its leg, its recorder and voice activity break in the middle of a call.

The caller hears an apology and reaches a human, or the call goes on; what was said is stored; others notice nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from tests.media.stage import (
    ASKED,
    BALANCE,
    CASE_LOST,
    CASE_STORED,
    QUOTE,
    SPOKEN,
    Guest,
    Stage,
    check_apology,
    check_kept,
    fail,
    locked_database,
)
from voicebot.audio.frame import FRAMES_PER_SECOND, Frame, Samples
from voicebot.call.call import Call
from voicebot.call.events import Input
from voicebot.call.handoff import HandOffPackage
from voicebot.call.timeline import CallEnded, Entry, PromptStarted
from voicebot.dialogue.events import HandOffReason
from voicebot.media.house import House
from voicebot.media.line import Leg, Recorder
from voicebot.qa.caller import FixtureLeg
from voicebot.speech.activity_batch import ActivityBatch
from voicebot.store.recordings import RecordingStore

pytestmark = pytest.mark.usefixtures("other")


# --- recording -----------------------------------------------------------------------------------------------------


@dataclass
class Tape:
    """A recorder that breaks at some point; None: when it is opened."""

    breaks_in: str | None
    frames: int = 0

    def write(self, left: Samples, right: Samples) -> None:
        self.frames += 1
        self._break("write")

    def mask(self, start: int, end: int | None) -> None:
        self._break("mask")

    def close(self) -> None:
        self._break("close")

    def _break(self, where: str | None) -> None:
        if where == self.breaks_in:
            raise OSError(5, "Input/output error")


@pytest.mark.parametrize("where", [None, "write", "mask", "close"])
def test_a_recorder_that_raises(on: Stage, where: str | None) -> None:
    tape = Tape(where)

    def record(call: Call) -> Recorder:
        tape._break(None)
        return tape

    guest = on.enter("broken", ASKED, record=record)
    on.play()
    check_kept(on, guest)
    assert guest.outcome == "completed"
    assert bool(tape.frames) is (where is not None)


def test_a_disk_that_takes_no_recording(on: Stage, tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file where a directory should be", "utf-8")
    with RecordingStore(tmp_path / "recordings") as recordings:
        guest = on.enter(
            "broken",
            ASKED,
            record=lambda call: recordings.start(
                "broken", rate=8000, first_frame=call.clock.frame, started_at=call.facts.started_at
            ),
        )
        on.play()
    check_kept(on, guest)
    assert guest.outcome == "completed"


# --- the call and its line -----------------------------------------------------------------------------------------


def breaking_call(on: Stage, fixture: str, at_s: float, *, again: bool = False) -> Guest:
    """A call whose own step raises once at some second; with `again` its rescue does too."""
    guest = on.enter("broken", fixture)
    step, package = guest.call.step, guest.call._conversation.package

    def broken(inputs: Sequence[Input], frame: Frame, others: Mapping[str, Frame] | None = None) -> object:
        if guest.call.clock.frame >= at_s * FRAMES_PER_SECOND:
            raise KeyError(QUOTE)
        return step(inputs, frame, others)

    def unpackable(*arguments: object, **options: object) -> HandOffPackage:
        raise KeyError(QUOTE)

    guest.call.step = broken  # type: ignore[method-assign, assignment]
    guest.call._conversation.package = unpackable if again else package  # type: ignore[method-assign]
    return guest


@pytest.mark.parametrize("at_s", [0, 1, 5, 7])
def test_a_call_that_breaks(on: Stage, at_s: float) -> None:
    guest = breaking_call(on, BALANCE, at_s)
    on.play()
    assert guest.heard_after(guest.first(PromptStarted, response=CASE_STORED))
    assert guest.lost == [("call", "the call broke (KeyError)")]
    package = check_apology(on, guest, CASE_STORED)
    assert package.priority == 9


def test_a_call_that_breaks_while_nothing_can_be_stored(on: Stage) -> None:
    on.shared_trouble = True
    guest = breaking_call(on, BALANCE, 5)
    with locked_database(on.database):
        on.database.spool.directory.touch()
        on.play()
    assert guest.said[-1] == CASE_LOST
    assert guest.outcome == "failed"


def test_a_call_that_cannot_even_be_rescued(on: Stage) -> None:
    guest = breaking_call(on, BALANCE, 5, again=True)
    on.play()
    assert on.row(guest).outcome == "failed"
    assert on.stored(guest), "what was committed before it broke"


@dataclass
class Wire:
    """A leg that breaks at some frame, in one of its methods."""

    leg: FixtureLeg
    where: str
    at: int = 250
    frames: int = 0
    closed: int = 0

    def read(self) -> Frame:
        self.frames += 1
        given = self.leg.read()
        if self.frames >= self.at and self.where == "wrong frame":
            return Frame(np.zeros(7, np.int16))
        if self.frames >= self.at and self.where == "no frame":
            return cast("Frame", None)
        self._break("read")
        return given

    def news(self) -> Sequence[Input]:
        self._break("news")
        return self.leg.news()

    def write(self, frame: Frame) -> None:
        self._break("write")
        self.leg.write(frame)

    def watch(self, entries: Sequence[Entry]) -> None:
        self.leg.entries.extend(entries) if self.where == "watch" else self.leg.watch(entries)
        self._break("watch")

    def close(self) -> None:
        self.closed += 1
        self._break("close")

    def _break(self, where: str) -> None:
        if where == self.where and self.frames >= self.at:
            raise ConnectionResetError(QUOTE)


@pytest.mark.parametrize("where", ["read", "news", "write", "watch", "wrong frame", "no frame"])
def test_a_leg_that_breaks_has_hung_up(on: Stage, where: str) -> None:
    wires: list[Wire] = []

    def wrap(leg: FixtureLeg) -> Leg:
        wires.append(Wire(leg, where))
        return wires[0]

    guest = on.enter("broken", BALANCE, wrap=wrap)
    on.play()
    row = on.row(guest)
    assert (row.outcome, row.reason) == ("abandoned", "the line failed")
    assert sorted(on.stored(guest), key=repr) == sorted(guest.call.transcript, key=repr)
    assert guest.call.transcript
    assert wires[0].closed == 1


def test_a_leg_that_does_not_close(on: Stage) -> None:
    guest = on.enter("broken", SPOKEN, wrap=lambda leg: Wire(leg, "close"))
    on.play()
    check_kept(on, guest)
    assert guest.outcome == "handed_off"


# --- voice activity ------------------------------------------------------------------------------------------------


def break_detector(activity: ActivityBatch[Any]) -> None:
    """The detector raises whenever it is run."""

    def run(batch: object) -> list[float]:
        raise RuntimeError(QUOTE)

    activity._detector.run = run  # type: ignore[method-assign]


@pytest.fixture
def unbroken(house: House) -> Iterator[None]:
    """Give the detector that all tests share its method back."""
    yield
    detector: Any = house.detector
    vars(detector).pop("run", None)


@pytest.mark.usefixtures("unbroken")
def test_another_detector_takes_over_from_one_that_raises(on: Stage) -> None:
    on.shared_trouble = True
    guest = on.enter("broken", SPOKEN)
    break_detector(on.ticker._activity)
    on.play()
    check_kept(on, guest)
    assert [package.reason for package in on.packages(guest)] == [HandOffReason.USER_REQUEST]


@pytest.mark.usefixtures("unbroken")
def test_without_any_detector_there_are_the_keys(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    on.shared_trouble = True
    guest = on.enter("broken", "human/zero_key")
    break_detector(on.ticker._activity)
    on.ticker.tick()
    monkeypatch.setattr(ActivityBatch, "run", lambda self: fail())
    on.play()
    check_kept(on, guest)
    assert [package.reason for package in on.packages(guest)] == [HandOffReason.USER_REQUEST]


def test_a_service_that_is_stopped_ends_its_calls(on: Stage) -> None:
    on.shared_trouble = True
    guest = on.enter("broken", BALANCE)
    for _ in range(2 * FRAMES_PER_SECOND):
        on.ticker.tick()
    on.ticker.hang_up("the service was stopped")
    on.play()
    check_kept(on, guest)
    assert guest.all(CallEnded) == [CallEnded("abandoned", "the service was stopped")]
