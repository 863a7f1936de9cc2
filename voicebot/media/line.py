"""A line: one call, the leg that brings its audio, and the jobs and the recording beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from voicebot.audio.frame import Frame, Samples, silence
from voicebot.call.call import Call
from voicebot.call.commands import Command, Finish, MaskRecording, StartRecording, StopRecording, StoreHandOff
from voicebot.call.events import Input, VoiceActivity
from voicebot.call.timeline import Entry
from voicebot.dialogue.events import HandOffReason

log = structlog.get_logger()


class Leg(Protocol):
    """Where a caller's audio comes from and goes: a file, a microphone, a phone."""

    def read(self) -> Frame:
        """The caller's next 20 ms; never waits."""
        ...

    def news(self) -> Sequence[Input]:
        """Keys and hang-ups since the last frame."""
        ...

    def write(self, frame: Frame) -> None:
        """The next 20 ms for the caller; never waits."""
        ...

    def watch(self, entries: Sequence[Entry]) -> None:
        """What was added to the timeline in this frame."""
        ...

    def close(self) -> None:
        """The call is over."""
        ...


class JobRunner(Protocol):
    """Carries out the commands of a call."""

    def submit(self, commands: Sequence[Command], frame: int) -> None:
        """Take the commands of a frame."""
        ...

    def collect(self, frame: int) -> list[Input]:
        """Results that have come."""
        ...

    def close(self) -> None:
        """No more commands come."""
        ...


class Recorder(Protocol):
    """Writes both sides of a call to disk without making the ticker wait."""

    def write(self, left: Samples, right: Samples) -> None:
        """One frame: caller left, everybody else right."""
        ...

    def mask(self, start: int, end: int | None) -> None:
        """Silence frames `start` to `end` (exclusive; None: until further notice)."""
        ...

    def close(self) -> None:
        """The recording ends."""
        ...


class Line:
    """Steps its call once a tick. `record` opens the recording when the call asks for it."""

    def __init__(self, call: Call, leg: Leg, jobs: JobRunner, record: Callable[[Call], Recorder] | None = None) -> None:
        self.call = call
        self.leg = leg
        self.jobs = jobs
        self._record = record
        self._recorder: Recorder | None = None
        self.frame = silence(call.facts.rate)
        self.ended = False

    def read(self) -> Frame:
        """Take the caller's next frame."""
        self.frame = self.leg.read()
        return self.frame

    def step(self, activity: VoiceActivity | None) -> None:
        """One frame of the call. Should the call itself break, the caller still reaches a human's queue."""
        frame = self.call.clock.frame
        inputs = [*self.jobs.collect(frame), *self.leg.news()]
        if activity is not None:
            inputs.append(activity)
        try:
            step = self.call.step(inputs, self.frame)
        except Exception:
            log.exception("the call broke", call=self.call.facts.call_id)
            self._rescue(frame)
            return
        if self._recorder is not None:
            self._recorder.write(self.frame.samples, step.frame.samples)
        if step.commands:
            self._obey(step.commands, frame)
        self.leg.write(step.frame)
        entries = self.call.timeline.drain()
        if entries:
            self.leg.watch(entries)

    def _obey(self, commands: Sequence[Command], frame: int) -> None:
        self.jobs.submit(commands, frame)
        for command in commands:
            if isinstance(command, StartRecording) and self._record is not None:
                self._recorder = self._record(self.call)
            elif isinstance(command, MaskRecording) and self._recorder is not None:
                self._recorder.mask(command.start, command.end)
            elif isinstance(command, StopRecording):
                self._stop_recording()
            elif isinstance(command, Finish):
                self.close()

    def _stop_recording(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None

    def _rescue(self, frame: int) -> None:
        package = self.call.package(HandOffReason.ERROR, priority=9)
        reason = "the bot broke"
        self.jobs.submit([StoreHandOff(-1, package, 500), Finish("handed_off", reason)], frame)
        self.close()

    def close(self) -> None:
        """The call is over."""
        if not self.ended:
            self.ended = True
            self._stop_recording()
            self.leg.close()
