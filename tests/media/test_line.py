"""A line: what its call asks for reaches jobs, recording and leg in the right order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.call.phone import Phone, dial, say
from voicebot.audio.frame import Frame, Samples
from voicebot.call.call import Call
from voicebot.call.commands import Command, Finish
from voicebot.call.events import Input, VoiceActivity
from voicebot.call.timeline import CallEnded, Entry
from voicebot.dialogue.events import Act, AnswerKind, End, Expectation, Listen, Move
from voicebot.media.line import Line

NUMBER = Expectation(AnswerKind.DIGITS, "n", length=(8, 8), sensitive=True)
TELL: list[Move] = [say("You are recorded"), Act("call_start_recording", {})]


@dataclass
class Kept:
    """A leg, a job runner and a recorder that write down what they are told, in order."""

    log: list[tuple[str, object]] = field(default_factory=list)
    frame: int = 0

    def read(self) -> Frame:
        self.frame += 1
        return Frame(np.full(160, self.frame, np.int16))

    def news(self) -> Sequence[Input]:
        return ()

    def watch(self, entries: Sequence[Entry]) -> None:
        self.log += [("told", entry.event) for entry in entries]

    def submit(self, commands: Sequence[Command], frame: int) -> None:
        self.log += [("asked", command) for command in commands]

    def collect(self, frame: int) -> list[Input]:
        return []

    def write(self, *frames: object) -> None:
        self.log.append(("heard" if len(frames) == 1 else "recorded", frames))

    def mask(self, start: int, end: int | None) -> None:
        self.log.append(("masked", (start, end)))

    def close(self) -> None:
        self.log.append(("closed", None))

    def all(self, kind: str) -> list[object]:
        return [what for name, what in self.log if name == kind]


@dataclass
class Tape(Kept):
    """The recorder, which knows with which frame of the call it began."""

    first: int = 0


def calling(*moves: Sequence[Move]) -> tuple[Line, Kept, list[Tape], Phone]:
    """A line whose every part keeps a log."""
    phone, _ = dial(*moves)
    kept, tapes = Kept(), list[Tape]()

    def record(call: Call) -> Tape:
        tapes.append(Tape(first=call.clock.frame))
        return tapes[-1]

    return Line(phone.call, kept, kept, record), kept, tapes, phone


def run(line: Line, frames: int) -> None:
    for _ in range(frames):
        if not line.ended:
            line.read()
            line.step(VoiceActivity(0.0))


def test_a_recording_begins_with_the_frame_after_the_one_that_asked_for_it() -> None:
    line, kept, tapes, _ = calling(TELL, [say("Number"), Listen(NUMBER)])
    run(line, 100)
    (tape,) = tapes
    frames = [(left, right) for left, right in map(_two, tape.all("recorded"))]
    assert [int(left[0]) for left, _ in frames] == list(range(tape.first + 1, 101)), "the caller's, none missing"
    heard = [frame for (frame,) in map(_one, kept.all("heard"))]
    assert all(np.array_equal(right, heard[tape.first + n].samples) for n, (_, right) in enumerate(frames))


def test_a_mask_is_set_in_the_frame_in_which_it_is_due() -> None:
    """The frame is written already; the recorder silences it in memory."""
    line, _, tapes, phone = calling(TELL, [say("Number"), Listen(NUMBER)])
    run(line, 100)
    (mask,) = tapes[0].all("masked")
    place = tapes[0].log.index(("masked", mask))
    assert mask == (tapes[0].first + place - 1, None)
    line.hang_up("the service was stopped")
    assert tapes[0].log[-1] == ("closed", None)
    assert phone.call.ended


def test_nothing_is_written_to_a_leg_that_is_closed_but_it_is_told_how_the_call_ended() -> None:
    line, kept, _, _ = calling([say("Goodbye"), End("goodbye")])
    run(line, 100)
    assert line.ended
    names = [name for name, _ in kept.log]
    assert "heard" not in names[names.index("closed") :]
    assert names.count("closed") == 1
    assert any(isinstance(event, CallEnded) for event in kept.all("told"))
    assert isinstance(kept.all("asked")[-1], Finish)


def test_hanging_up_from_our_side_is_one_last_frame() -> None:
    line, kept, _, phone = calling([say("How can I help"), Listen(Expectation())])
    run(line, 20)
    line.hang_up("the service was stopped")
    assert phone.call.clock.frame == 21
    assert kept.all("asked")[-1] == Finish("abandoned", "the service was stopped")
    line.close()
    assert kept.all("closed") == [None], "once"


def _two(what: object) -> tuple[Samples, Samples]:
    assert isinstance(what, tuple)
    return what[0], what[1]


def _one(what: object) -> tuple[Frame]:
    assert isinstance(what, tuple)
    return (what[0],)
