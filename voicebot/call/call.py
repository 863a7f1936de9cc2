"""One call: every 20 ms a frame and news go in, a frame and requests come out. No I/O, no clock but its frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from voicebot.audio.frame import FRAME_MS, FRAMES_PER_SECOND, Frame, silence
from voicebot.audio.tones import hold_music
from voicebot.call.books import Books
from voicebot.call.bridge import Bridge, Role
from voicebot.call.commands import Finish, StopRecording
from voicebot.call.conversation import DEFAULT_QUEUE, Conversation, Dialogue
from voicebot.call.ear import Ear
from voicebot.call.events import (
    ActionResult,
    Digit,
    HandOffStored,
    HungUp,
    Input,
    JobFailed,
    LegJoined,
    LegLeft,
    PartialHeard,
    Recognised,
    Synthesised,
    Understood,
    VoiceActivity,
)
from voicebot.call.facts import CallFacts, CallLimits
from voicebot.call.handoff import TranscriptTurn
from voicebot.call.jobs import Job
from voicebot.call.playout import Playout
from voicebot.call.rescue import PRIORITY, LastWords, Wreck
from voicebot.call.speaking import Prompts, Speaking
from voicebot.call.step import NOBODY, Step
from voicebot.call.timeline import (
    CallEnded,
    CallStarted,
    Floor,
    JobAnswered,
    JobLost,
    LegChanged,
    RecordingChanged,
)
from voicebot.call.turns import TurnTaking
from voicebot.dialogue.events import ActionFinished, Expectation, HandOffReason, Started, Trouble
from voicebot.speech.recogniser import Hints

CALLER: Final = "caller"
BOT: Final = "bot"
MOST_STORE_FAILURES: Final = 2

Result = PartialHeard | Recognised | Understood | Synthesised | ActionResult | HandOffStored
RESULT_OF: Final[dict[type[Result], str]] = {
    PartialHeard: "recognise",
    Recognised: "recognise",
    Understood: "interpret",
    Synthesised: "synthesise",
    ActionResult: "action:",
    HandOffStored: "store",
}
"""How the kind of the job begins that a result answers."""


class Call:
    """A caller and the bot on a bridge. `hints` turns an expectation into recogniser hints; `prompts` holds audio.

    `last_words` are for a call that must end by a fault of ours.
    """

    def __init__(
        self,
        facts: CallFacts,
        dialogue: Dialogue,
        prompts: Prompts,
        hints: Callable[[Expectation], Hints],
        limits: CallLimits | None = None,
        *,
        last_words: LastWords | None = None,
    ) -> None:
        self.facts = facts
        self._prompts = prompts
        self._last_words = last_words or LastWords()
        self._limits = limits or CallLimits()
        self._longest = round(self._limits.max_duration_s * FRAMES_PER_SECOND)
        self._books = Books()
        self.clock = self._books.clock
        self.timeline = self._books.timeline
        self._jobs = self._books.jobs
        self.bridge = Bridge(facts.rate)
        self._silence = silence(facts.rate)
        self._music = hold_music(facts.rate)
        self._music_at = 0
        self._awaited: Expectation | None = None
        self._store_failures = 0
        self._build(dialogue, prompts, hints)

    def _build(self, dialogue: Dialogue, prompts: Prompts, hints: Callable[[Expectation], Hints]) -> None:
        self._speaking = Speaking(Playout(self.facts.rate), prompts, self._books)
        self._conversation = Conversation(self.facts, dialogue, self._speaking, self._books)
        self._ear = Ear(self.facts.rate, self._books)
        self._turns = TurnTaking(
            ear=self._ear,
            speaking=self._speaking,
            conversation=self._conversation,
            hints=hints,
            books=self._books,
            limits=self._limits,
            language=self.facts.language,
        )

    @property
    def floor(self) -> Floor:
        """Who has the word."""
        return self._books.floor

    @property
    def listening(self) -> bool:
        """Whether the caller's voice matters: not where keys alone can answer, nor once the bot has done its part."""
        return self._turns.listening

    @property
    def ended(self) -> bool:
        """Whether the last frame has been given."""
        return self._books.floor is Floor.ENDED

    @property
    def transcript(self) -> tuple[TranscriptTurn, ...]:
        """What was said so far, masked."""
        return self._books.transcript

    @property
    def handed_off(self) -> str | None:
        """The queue entry of the call once its package is stored."""
        return self._books.handed_off

    def wreck(self) -> Wreck:
        """What can be saved when `step` has raised: everything said, and what the dialogue has learnt if it tells."""
        with suppress(Exception):
            self._turns.forget()
        queue = self.facts.queue or DEFAULT_QUEUE
        try:
            package = self._conversation.package(HandOffReason.ERROR, queue, PRIORITY)
        except Exception:  # noqa: BLE001 - the dialogue may be what broke
            package = self._conversation.package(HandOffReason.ERROR, queue, PRIORITY, slots=())
        return Wreck(self.facts.rate, self._books, package, self._prompts, self._last_words)

    # --- the frame --------------------------------------------------------------------------------------------

    def step(self, inputs: Sequence[Input], frame: Frame, others: Mapping[str, Frame] | None = None) -> Step:
        """Take the caller's 20 ms (and those of other legs) and what happened; give theirs and the requests."""
        if self.ended:
            return Step(self._silence, ())
        if self.clock.frame == 0:
            self._start()
        activity = None
        for event in inputs:
            if isinstance(event, VoiceActivity):
                activity = event
            else:
                self._take(event)
        if not self.ended:
            self._turns.hear(frame, activity)
            self._tick()
        step = self._give(frame, others)
        self.clock.frame += 1
        return step

    def _start(self) -> None:
        facts = self.facts
        self.bridge.add(CALLER, Role.CALLER)
        self.bridge.add(BOT, Role.BOT)
        self.timeline.add(
            CallStarted(
                facts.call_id, facts.rate, facts.seed, facts.started_at.isoformat(), facts.language, facts.recording
            )
        )
        known = {"caller_number": facts.caller, "recording_policy": facts.recording}
        self._turns.advance(Started(known), "the call was answered")

    def _tick(self) -> None:
        for job in self._jobs.overdue():
            self._lost(job, "no answer within its deadline")
        self._turns.tick()
        conversation = self._conversation
        if conversation.expectation is not self._awaited:
            self._mask_answer(conversation.expectation)
        if conversation.ending is not None and not self._speaking.playout.active:
            self._finish(conversation.ending)
        if self.clock.frame >= self._longest:
            self._too_long()

    def _too_long(self) -> None:
        """The call has reached its longest duration, or the time after it is over as well."""
        over_by = self.clock.frame - self._longest
        more_s = self._limits.grace_s if self.handed_off is None else self._limits.max_wait_s
        if self._books.floor is Floor.HUMAN:
            return
        if over_by == 0 and not self._conversation.over:
            self._trouble(HandOffReason.POLICY, "the call reached its maximum duration")
        elif over_by >= more_s * FRAMES_PER_SECOND:
            self._finish("maximum duration")

    def _mask_answer(self, now: Expectation | None) -> None:
        """While a sensitive answer is awaited, both sides are silenced in the recording."""
        self._awaited = now
        if now is not None and now.sensitive:
            self._books.masks.open("answer")
        else:
            self._books.masks.close("answer", self.clock.frame)

    def _give(self, frame: Frame, others: Mapping[str, Frame] | None) -> Step:
        said, heard = self._bot_frame(), NOBODY
        if others:
            spoken = {CALLER: frame, BOT: said, **others}
            heard = {leg: self.bridge.hear(leg, spoken) for leg in others}
            said = self.bridge.hear(CALLER, spoken)
        if self._turns.listening:
            self._ear.bot_said(said.samples, voiced=said is not self._silence)
        return Step(said, self._jobs.take(), heard)

    def _bot_frame(self) -> Frame:
        """The bot's own; in the queue, music for one who has been told so."""
        floor = self._books.floor
        if floor is Floor.WAITING and not self._jobs.busy("store"):
            return self._hold_music()
        return self._silence if floor is Floor.HUMAN or floor is Floor.ENDED else self._speaking.next()

    def _hold_music(self) -> Frame:
        start, length = self._music_at, self._silence.samples.size
        if start + length > self._music.size:
            start = 0
        self._music_at = start + length
        return Frame(self._music[start : start + length])

    # --- what happened ----------------------------------------------------------------------------------------

    def _take(self, event: Input) -> None:
        if self.ended:
            return
        if isinstance(event, Digit):
            self._turns.key(event)
        elif isinstance(event, HungUp):
            self._finish(f"the caller hung up ({event.reason})" if event.by_caller else event.reason)
        elif isinstance(event, LegJoined | LegLeft):
            self._leg(event)
        elif isinstance(event, JobFailed):
            job = self._jobs.close(event.job)
            if job is not None:
                self._lost(job, event.error)
        elif not isinstance(event, VoiceActivity):
            self._answered(event)

    def _answered(self, event: Result) -> None:
        """A result that nobody waits for, or not of this kind, is dropped."""
        job = self._jobs.find(event.job)
        if job is None or not job.kind.startswith(RESULT_OF[type(event)]):
            return
        if isinstance(event, PartialHeard):
            self._turns.partial(event)
            return
        if isinstance(event, Synthesised) and not event.last:
            self._speaking.synthesised(event)
            return
        self._jobs.close(job.id)
        self.timeline.add(JobAnswered(job.id, job.kind, self.clock.frame - job.issued))
        self._dispatch(job, event)

    def _dispatch(self, job: Job, event: Recognised | Understood | Synthesised | ActionResult | HandOffStored) -> None:
        if isinstance(event, Recognised):
            self._turns.recognised(event)
        elif isinstance(event, Understood):
            self._turns.understood(event)
        elif isinstance(event, Synthesised):
            self._speaking.synthesised(event)
        elif isinstance(event, ActionResult):
            self._conversation.acted(job.kind, event)
            self._turns.settle("the action came back")
        else:
            self._conversation.stored(event)
            self._turns.settle("the hand-off is stored")

    def _leg(self, event: LegJoined | LegLeft) -> None:
        if isinstance(event, LegJoined):
            self.bridge.add(event.leg, event.role)
            self.timeline.add(LegChanged(event.leg, event.role.value, "joined"))
            if event.role is Role.AGENT:
                self._give_to_human()
            return
        gone = self.bridge.remove(event.leg)
        if gone is None:
            return
        self.timeline.add(LegChanged(gone.leg, gone.role.value, f"left {event.reason}".strip()))
        if gone.role is Role.AGENT and not any(p.role is Role.AGENT for p in self.bridge.parties):
            self._books.go(Floor.WAITING, "no human has the call")

    def _give_to_human(self) -> None:
        """The bot falls silent and deaf, and wants nothing more but a hand-off that is being stored."""
        self._turns.forget()
        self._jobs.cancel_all(but="store")
        self._conversation.human_came()
        self._turns.listen()
        self._books.go(Floor.HUMAN, "a human has the call")

    # --- trouble and the end ----------------------------------------------------------------------------------

    def _lost(self, job: Job, error: str) -> None:
        """An engine failed or was too slow: apologise and hand off, or do without."""
        self.timeline.add(JobLost(job.id, job.kind, error))
        if job.kind == "synthesise":
            self._speaking.lost(job.id)
        if job.kind == "store":
            self._store_lost(error)
        elif self._conversation.over:
            return
        elif job.kind.startswith("action:"):
            name = job.kind.removeprefix("action:")
            self._turns.advance(ActionFinished(name, error=error), "the action failed")
        else:
            self._trouble(HandOffReason.ERROR, f"{job.kind} failed: {error}")

    def _store_lost(self, error: str) -> None:
        self._store_failures += 1
        if self._store_failures >= MOST_STORE_FAILURES:
            self._conversation.give_up(f"the hand-off could not be stored: {error}", self._last_words.lost)
            self._turns.settle("nothing can be stored")
        else:
            self._conversation.store(f"store failed: {error}")

    def _trouble(self, reason: HandOffReason, detail: str) -> None:
        self._turns.forget()
        self._jobs.cancel_all()
        self._turns.advance(Trouble(reason, detail), detail)

    def _finish(self, reason: str) -> None:
        """The last frame. A hand-off that is being stored is left to finish."""
        self._turns.forget()
        self._jobs.cancel_all("recognise", "interpret", "synthesise")
        outcome = self._conversation.outcome
        if self._conversation.recording:
            self._jobs.emit(StopRecording())
            self.timeline.add(RecordingChanged("stopped"))
        self._books.go(Floor.ENDED, reason)
        self.timeline.add(CallEnded(outcome, reason))
        self._jobs.emit(Finish(outcome, reason))

    @property
    def duration_ms(self) -> int:
        """Length of the call so far."""
        return self.clock.frame * FRAME_MS
