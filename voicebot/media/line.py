"""A line: one call, the leg that brings its audio, and the jobs and the recording beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

from voicebot.audio.frame import Frame, Samples, silence
from voicebot.call.call import Call
from voicebot.call.commands import Command, Finish, MaskRecording, StartRecording, StopRecording
from voicebot.call.events import HungUp, Input, VoiceActivity
from voicebot.call.rescue import Rescue
from voicebot.call.step import Step
from voicebot.call.timeline import Entry
from voicebot.logs import call_log, place_of

P = ParamSpec("P")
T = TypeVar("T")


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
    """Steps its call once a tick, and never raises. `record` opens the recording when the call asks for it.

    A leg that raises counts as hung up; a call that breaks is rescued; what else fails costs no more than itself.
    """

    def __init__(self, call: Call, leg: Leg, jobs: JobRunner, record: Callable[[Call], Recorder] | None = None) -> None:
        self.call = call
        self.leg = leg
        self.jobs = jobs
        self._steps: Call | Rescue = call
        self._record = record
        self._recorder: Recorder | None = None
        self._silence = silence(call.facts.rate)
        self._leg_works = self._watched = True
        self._untold: list[Input] = []
        self._log = call_log(call.facts.call_id)
        self.frame = self._silence
        self.ended = False

    def read(self) -> Frame:
        """Take the caller's next frame: silence, should the leg have none that is fit."""
        self.frame = self._from_leg(self._fit_frame, self._silence)
        return self.frame

    def _fit_frame(self) -> Frame:
        frame = self.leg.read()
        if frame.samples.shape != self._silence.samples.shape or frame.samples.dtype != self._silence.samples.dtype:
            raise ValueError("a frame is 20 ms of 16-bit samples at the call's rate")
        return frame

    def step(self, activity: VoiceActivity | None) -> None:
        """One frame of the call."""
        try:
            self._step(activity)
        except Exception as error:  # noqa: BLE001 - other calls are on this ticker
            self._report("the call is lost", error)
            with suppress(Exception):
                self.jobs.submit([Finish("failed", "the call is lost")], self.call.clock.frame)
            self.close()

    def _step(self, activity: VoiceActivity | None) -> None:
        frame = self.call.clock.frame
        news: Sequence[Input] = self._from_leg(self.leg.news, ())
        inputs = [*self.jobs.collect(frame), *news, *self._untold]
        self._untold = []
        if activity is not None:
            inputs.append(activity)
        step = self._stepped(inputs)
        if self._recorder is not None:
            self._on_recorder(self._recorder.write, self.frame.samples, step.frame.samples)
        if step.commands:
            self._obey(step.commands, frame)
        entries = self.call.timeline.drain()
        if not self.ended:
            self._from_leg(partial(self.leg.write, step.frame), None)
        if entries and self._watched:
            self._show(entries)

    def _stepped(self, inputs: Sequence[Input]) -> Step:
        """Should the call itself break, the caller still reaches a human's queue, and is told so."""
        try:
            return self._steps.step(inputs, self.frame)
        except Exception as error:
            if isinstance(self._steps, Rescue):
                raise
            self._report("the call broke", error)
            self._steps = Rescue(self.call.wreck(), type(error).__name__)
            return self._steps.step((), self.frame)

    def hang_up(self, reason: str) -> None:
        """End the call from our side, in one last frame."""
        self.frame = self._silence
        self._untold.append(HungUp(reason, by_caller=False))
        self.step(None)

    def _from_leg(self, ask: Callable[[], T], otherwise: T) -> T:
        """What the leg gives; once it has raised, it is not asked again."""
        if not self._leg_works:
            return otherwise
        try:
            return ask()
        except Exception as error:  # noqa: BLE001 - a channel may raise anything
            self._lose(error)
            return otherwise

    def _lose(self, error: Exception) -> None:
        self._report("the line failed", error)
        self._leg_works = False
        self._untold.append(HungUp("the line failed", by_caller=False))

    def _show(self, entries: Sequence[Entry]) -> None:
        """A leg that has lost its caller is told all the same how the call ends."""
        try:
            self.leg.watch(entries)
        except Exception as error:  # noqa: BLE001 - as above
            self._watched = False
            self._lose(error)

    def _obey(self, commands: Sequence[Command], frame: int) -> None:
        self.jobs.submit(commands, frame)
        for command in commands:
            if isinstance(command, StartRecording) and self._record is not None:
                self._start_recording(self._record)
            elif isinstance(command, MaskRecording) and self._recorder is not None:
                self._on_recorder(self._recorder.mask, command.start, command.end)
            elif isinstance(command, StopRecording):
                self._stop_recording()
            elif isinstance(command, Finish):
                self.close()

    def _start_recording(self, record: Callable[[Call], Recorder]) -> None:
        try:
            self._recorder = record(self.call)
        except Exception as error:  # noqa: BLE001 - the call goes on without
            self._report("the call cannot be recorded", error)

    def _on_recorder(self, do: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            do(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the call goes on without
            self._report("the recording has broken off", error)
            self._recorder = None

    def _stop_recording(self) -> None:
        if self._recorder is not None:
            self._on_recorder(self._recorder.close)
            self._recorder = None

    def _report(self, what: str, error: Exception) -> None:
        self._log.error(what, error=type(error).__name__, at=place_of(error))

    def close(self) -> None:
        """The call is over."""
        if self.ended:
            return
        self.ended = True
        self._stop_recording()
        try:
            self.leg.close()
        except Exception as error:  # noqa: BLE001 - it is over anyway
            self._report("the line did not close", error)
