"""The bot's mind in a call: feeds the dialogue, and carries its moves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

from voicebot.audio.frame import FRAMES_PER_SECOND
from voicebot.call.books import Books
from voicebot.call.commands import RunAction, StartRecording, StopRecording, StoreHandOff
from voicebot.call.events import ActionResult, HandOffStored
from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage
from voicebot.call.packing import pack
from voicebot.call.speaking import Speaking
from voicebot.call.timeline import HandedOff, RecordingChanged
from voicebot.dialogue.events import (
    Act,
    ActionFinished,
    End,
    Event,
    Expectation,
    FlowEnded,
    FlowStarted,
    HandOff,
    HandOffReason,
    LearntSlot,
    Listen,
    Move,
    Say,
    Trouble,
    Wait,
)

DEFAULT_QUEUE: Final = "general"
"""Where a flow sends callers when it names no queue."""
START_RECORDING: Final = "call_start_recording"
STOP_RECORDING: Final = "call_stop_recording"
ACTION_DEADLINE_FRAMES: Final = 5 * FRAMES_PER_SECOND
STORE_DEADLINE_FRAMES: Final = 10 * FRAMES_PER_SECOND


class Dialogue(Protocol):
    """The flow engine, as a call sees it."""

    def advance(self, event: Event) -> list[Move]:
        """What to do after `event`; ends in one of Listen, Act, HandOff, End, or Wait while an action is under way."""
        ...

    def learnt(self) -> tuple[LearntSlot, ...]:
        """The slots as handed to a human."""
        ...


class Conversation:
    """Between two moves of the dialogue one of these holds: an expectation, an action, a hand-off, the end."""

    def __init__(self, facts: CallFacts, dialogue: Dialogue, speaking: Speaking, books: Books) -> None:
        self._facts = facts
        self._dialogue = dialogue
        self._speaking = speaking
        self._books = books
        self._jobs = books.jobs
        self._timeline = books.timeline
        self._wishes: list[str] = []
        self._open_flows: set[str] = set()
        self._served = False
        self._pending: HandOff | None = None
        self.deferred: Act | None = None
        """The call's own action that waits for the prompts before it."""
        self._detail = ""
        self._parked: list[Say] = []
        self.expectation: Expectation | None = None
        self.ending: str | None = None
        self.failed = False
        """The call ends because nothing could be stored."""
        self.leaving = False
        """A hand-off is being stored or has been stored: the bot asks no more."""
        self.recording = False
        """Whether both sides are being recorded now."""
        self.recorded = False
        """Whether anything of the call was recorded."""

    def advance(self, event: Event) -> None:
        """Feed the dialogue and do what it says. Once it is over, nothing that comes late changes that."""
        if self.over:
            return
        if isinstance(event, Trouble):
            self._detail = event.detail
            self.deferred = None
        self.expectation = None
        self._carry_out(self._dialogue.advance(event))

    @property
    def over(self) -> bool:
        """Whether goodbye is being said or a human has or gets the call: nothing more is asked."""
        return self.leaving or self.ending is not None

    def _carry_out(self, moves: Sequence[Move]) -> None:
        *before, last = moves
        says = [move for move in before if isinstance(move, Say)]
        if isinstance(last, Act) and last.name == START_RECORDING:
            says = [replace(say, interruptible=False) for say in says]
        self._log(before)
        if isinstance(last, HandOff):
            self._hand_off(last, says)
            return
        for say in says:
            self._speaking.say(say)
        if isinstance(last, Listen):
            self.expectation = last.expectation
        elif isinstance(last, Act):
            self._act(last)
        elif isinstance(last, End):
            self.ending = last.reason

    def _log(self, moves: Sequence[Move]) -> None:
        for move in moves:
            if isinstance(move, FlowStarted | FlowEnded):
                self._count(move)
            if not isinstance(move, Say | Listen | Act | HandOff | End | Wait):
                self._timeline.add(move)

    def _count(self, move: FlowStarted | FlowEnded) -> None:
        if not move.wish:
            return
        if isinstance(move, FlowStarted):
            self._wishes.append(move.flow)
            self._open_flows.add(move.flow)
        else:
            self._open_flows.discard(move.flow)
            self._served = self._served or move.outcome == "completed"

    @property
    def outcome(self) -> str:
        """How the call ended if it ends now: failed, handed_off, completed (the caller was served), abandoned."""
        if self.failed:
            return "failed"
        if self.leaving:
            return "handed_off"
        done = self.ending is not None or (self._served and not self._open_flows)
        return "completed" if done else "abandoned"

    def _act(self, act: Act) -> None:
        """The call's own actions (call_...) wait until what was said before them has been heard."""
        if act.name.startswith("call_"):
            self.deferred = act
            self.catch_up()
            return
        job = self._jobs.start(f"action:{act.name}", ACTION_DEADLINE_FRAMES)
        now = self._facts.started_at + timedelta(milliseconds=self._books.clock.now_ms)
        self._jobs.emit(RunAction(job, act.name, act.slots, now, ACTION_DEADLINE_FRAMES))

    def catch_up(self) -> bool:
        """Do the call's own action that waits for the prompts before it, if they have been said; whether it was done.

        So a recording begins only after the caller was told, to the end.
        """
        act = self.deferred
        if act is None or self._speaking.playout.active:
            return False
        self.deferred = None
        if act.name == START_RECORDING:
            self._record(on=True)
        elif act.name == STOP_RECORDING:
            self._record(on=False)
        self.advance(ActionFinished(act.name))
        return True

    def _record(self, *, on: bool) -> None:
        if on is self.recording:
            return
        self.recording = on
        self.recorded = self.recorded or on
        self._jobs.emit(StartRecording() if on else StopRecording())
        if on and self._books.masks.is_open:
            self._books.masks.announce()
        self._timeline.add(RecordingChanged("started" if on else "stopped"))

    def acted(self, kind: str, event: ActionResult) -> None:
        """An action came back."""
        self.advance(ActionFinished(kind.removeprefix("action:"), event.slots))

    # --- hand-off -------------------------------------------------------------------------------------------

    def _hand_off(self, move: HandOff, says: list[Say]) -> None:
        """Commit first, then tell the caller: the prompts wait until the package is stored."""
        self.leaving = True
        self._parked = says
        own = self._facts.queue
        self._pending = replace(move, queue=own) if own and move.queue == DEFAULT_QUEUE else move
        self.store()

    def store(self, detail: str = "") -> None:
        """Have the package committed; again when that has failed, with a `detail` of what went wrong."""
        move, self._detail = self._pending, detail or self._detail
        if move is not None:
            job = self._jobs.start("store", STORE_DEADLINE_FRAMES)
            package = self.package(move.reason, move.queue, move.priority)
            self._jobs.emit(StoreHandOff(job, package, STORE_DEADLINE_FRAMES))

    def human_came(self) -> None:
        """A human has the call: the bot says and asks no more."""
        self.leaving, self.expectation, self.deferred, self._parked = True, None, None, []

    def stored(self, event: HandOffStored) -> None:
        """The package is safe: the caller may be told."""
        move, self._pending = self._pending, None
        if move is None:
            return
        self._books.handed_off = event.entry
        self._timeline.add(HandedOff(event.entry, move.queue, move.reason.value, event.position))
        for say in self._parked:
            self._speaking.say(say)
        self._parked = []

    def give_up(self, reason: str, words: Say | None) -> None:
        """The package cannot be stored: no hand-off is promised, the call ends with `words`."""
        self.failed, self.ending, self._parked = True, reason, []
        if words is not None:
            self._speaking.say(words)

    def package(
        self, reason: HandOffReason, queue: str, priority: int, slots: tuple[LearntSlot, ...] | None = None
    ) -> HandOffPackage:
        """All that is known now, for a human; `slots` instead of what the dialogue has learnt."""
        return pack(
            self._facts,
            reason,
            queue,
            priority,
            at_ms=self._books.clock.now_ms,
            wishes=self._wishes,
            transcript=self._books.transcript,
            slots=self._dialogue.learnt() if slots is None else slots,
            recorded=self.recorded,
            detail=self._detail,
        )
