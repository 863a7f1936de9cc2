"""Turn-taking: who has the word, when the caller has finished, and what happens when both speak."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from voicebot.audio.frame import FRAME_MS, FRAMES_PER_SECOND, Frame, FrameKind, ms_to_frames
from voicebot.call.answer import Answer
from voicebot.call.barge_in import UNKNOWN, BargeIn, words_of
from voicebot.call.books import Books, masked
from voicebot.call.commands import Interpret, MaskRecording
from voicebot.call.conversation import Conversation
from voicebot.call.ear import Ear, Utterance
from voicebot.call.events import Digit, PartialHeard, Recognised, Understood
from voicebot.call.facts import CallLimits
from voicebot.call.handoff import IntentTry, TranscriptTurn
from voicebot.call.speaking import Speaking
from voicebot.call.timeline import (
    CallerStarted,
    CallerStopped,
    Floor,
    Heard,
    KeyPressed,
    Meant,
    NothingHeard,
    SilenceElapsed,
)
from voicebot.call.understanding import is_whole, key_turn, read_answer, user_turn
from voicebot.dialogue.events import AnswerKind, Event, Expectation, UserSilence, UserTurn
from voicebot.speech.endpointer import PRE_ROLL_MS, SpeechEnded, SpeechStarted
from voicebot.speech.recogniser import Hints, Hypothesis

INTERPRETATION_DEADLINE_FRAMES: Final = 2 * FRAMES_PER_SECOND
UNINTELLIGIBLE_MS: Final = 400
"""Speech without a known word is an answer that was not understood when it lasts this long; shorter, it is noise."""
OPEN_QUESTION: Final = Expectation()


class TurnTaking:
    """Reacts to the caller's speech, words, keys and silence; moves the floor."""

    def __init__(
        self,
        *,
        ear: Ear,
        speaking: Speaking,
        conversation: Conversation,
        hints: Callable[[Expectation], Hints],
        books: Books,
        limits: CallLimits,
        language: str,
    ) -> None:
        self._ear = ear
        self._speaking = speaking
        self._conversation = conversation
        self._hints = hints
        self._books = books
        self._clock = books.clock
        self._jobs = books.jobs
        self._timeline = books.timeline
        self._limits = limits
        self._barge_in = BargeIn(ear, speaking, books, limits, language)
        self._answer = Answer()
        self._spoken: list[TranscriptTurn] = []
        self._closing: dict[int, Utterance] = {}
        self._typed: list[str] = []
        self._complete = False
        self._aside = False
        self._silence_due = 0
        self._silent_since = 0

    @property
    def _deaf(self) -> bool:
        """After goodbye and while a human is fetched the bot no longer listens."""
        return self._conversation.leaving or self._conversation.ending is not None

    @property
    def _expectation(self) -> Expectation:
        return self._conversation.expectation or OPEN_QUESTION

    @property
    def _listening_for(self) -> AnswerKind:
        """What the hangover goes by: the question, unless something else is being said."""
        if self._barge_in.in_a_hurry:
            return AnswerKind.YES_NO
        return AnswerKind.OPEN if self._aside else self._expectation.kind

    # --- the caller's voice ---------------------------------------------------------------------------------

    def hear(self, frame: Frame, probability: float | None) -> None:
        """One frame of the caller."""
        if self._deaf:
            return
        if frame.kind is FrameKind.HELD:
            self._silence_due += 1
        event = self._ear.hear(frame.samples, probability, self._listening_for, complete=self._complete)
        if event is None:
            return
        if isinstance(event, SpeechStarted):
            self._speech_started(event)
        else:
            self._speech_ended(event)

    def _speech_started(self, event: SpeechStarted) -> None:
        over = self._conversation.expectation is None or (
            self._books.floor is Floor.BOT and self._speaking.playout.sounding
        )
        self._complete = self._aside = False
        self._timeline.add(CallerStarted(round(event.at_ms), over))
        self._ear.open(event, self._hints(self._expectation), over_prompt=over)
        self._jobs.cancel_all("interpret")
        if self._books.floor is not Floor.BOT:
            self._books.go(Floor.CALLER, "the caller speaks")
        else:
            self._barge_in.spoken_over()

    def _speech_ended(self, event: SpeechEnded) -> None:
        started, ended = round(event.started_ms), round(event.ended_ms)
        self._timeline.add(CallerStopped(started, ended, self._clock.end_ms - ended, event.reason.value))
        said = self._ear.close(event)
        if said is not None:
            self._closing[said.job] = said
        if self._books.floor is Floor.CALLER:
            self._books.go(Floor.THINKING, "endpoint")

    def partial(self, event: PartialHeard) -> None:
        """The recogniser's text so far."""
        if not self._ear.partial(event.text):
            return
        words = words_of(event.text)
        value = read_answer(f"{self._answer.text} {words}", self._expectation)
        numeric = self._expectation.kind is AnswerKind.DIGITS
        self._aside = numeric and bool(words) and value is None and not self._answer.digits
        self._complete = is_whole(self._answer.digits + value if numeric and value else value, self._expectation)
        self._barge_in.partial(event.text)

    def recognised(self, event: Recognised) -> None:
        """The final reading of an utterance."""
        said = self._closing.pop(event.job, None)
        if said is None:
            return
        best = event.transcription.best
        words = words_of(best.text)
        if words:
            self._write(said, words, best, event.transcription.engine)
            self._words(said, words, best.confidence)
        else:
            self._no_words(said, unintelligible=UNKNOWN in best.text)

    def _write(self, said: Utterance, words: str, best: Hypothesis, engine: str) -> None:
        text = masked(words, sensitive=self._expectation.sensitive)
        if text != words:
            start = max(0, said.started_ms - PRE_ROLL_MS) // FRAME_MS
            self._jobs.emit(MaskRecording(start, ms_to_frames(said.ended_ms) + 1))
        self._timeline.add(Heard(text, best.confidence, engine))
        self._spoken.append(TranscriptTurn("caller", text, said.started_ms, said.ended_ms, best.confidence))

    def _words(self, said: Utterance, words: str, confidence: float) -> None:
        if self._barge_in.contested and not self._barge_in.final(words):
            self._commit_spoken(())
            return
        self._answer.add_words(words, confidence, said.started_ms, said.ended_ms, over_prompt=said.over_prompt)
        self._try_to_answer()

    def _no_words(self, said: Utterance, *, unintelligible: bool) -> None:
        duration = said.ended_ms - said.started_ms
        self._timeline.add(NothingHeard(duration))
        if self._books.floor is Floor.PAUSED:
            self._barge_in.resume("no words")
        elif self._ear.utterance is not None or self._books.floor is Floor.BOT:
            return
        elif not self._answer.empty:
            self._try_to_answer()
        elif unintelligible and duration >= UNINTELLIGIBLE_MS:
            self._answer.ended_ms = said.ended_ms
            self._submit(UserTurn(text="", intent="out_of_scope", confidence=0.0, heard=0.0))
        else:
            self._books.go(Floor.OPEN, "only noise")

    # --- from words to an answer ----------------------------------------------------------------------------

    def _try_to_answer(self) -> None:
        """Act on what the caller said, unless they speak on, the bot may not be interrupted, or it is not asking."""
        expectation = self._conversation.expectation
        if self._answer.empty or self._ear.utterance or self._closing or expectation is None:
            return
        if self._books.floor is Floor.BOT:
            return
        if self._answer.text and self._answer.take_group(expectation):
            self._await_more(self._limits.between_groups_s, "more digits to come")
            return
        if self._answer.digits and not self._answer.text:
            self._submit_digits()
            return
        self._interpret(expectation)

    def _interpret(self, expectation: Expectation) -> None:
        """Closed questions are read here; the interpreter is asked what else may be meant."""
        answer = self._answer
        value = read_answer(answer.text, expectation) if expectation.kind is not AnswerKind.DIGITS else None
        if value is not None:
            intent = {"true": "affirm", "false": "deny"}.get(value, "inform")
            self._submit(
                UserTurn(answer.text, intent, 1.0, answer.heard, value, over_prompt=answer.over_prompt), "answer"
            )
            return
        self._books.go(Floor.THINKING, "to be understood")
        job = self._jobs.start("interpret", INTERPRETATION_DEADLINE_FRAMES)
        self._jobs.emit(Interpret(job, answer.text, INTERPRETATION_DEADLINE_FRAMES))

    def understood(self, event: Understood) -> None:
        """The meaning has come."""
        meaning = event.interpretation
        tries = tuple(IntentTry(i.name, round(i.confidence, 3)) for i in meaning.ranking[:3])
        turn = user_turn(meaning, self._expectation, heard=self._answer.heard, over_prompt=self._answer.over_prompt)
        self._submit(turn, meaning.engine, tries)

    def _submit_digits(self) -> None:
        answer = self._answer
        turn = UserTurn(answer.digits, "inform", 1.0, answer.heard, answer.digits, over_prompt=answer.over_prompt)
        self._submit(turn, "digits")

    def _submit(self, turn: UserTurn, engine: str = "", tries: tuple[IntentTry, ...] = ()) -> None:
        self._timeline.add(Meant(turn.intent, turn.confidence, engine))
        self._commit_spoken(tries or (IntentTry(turn.intent, turn.confidence),))
        self._speaking.asked_ms = self._answer.ended_ms or None
        self._answer = Answer()
        self._complete = False
        self.advance(turn, "answered")

    def _commit_spoken(self, tries: tuple[IntentTry, ...]) -> None:
        for turn in self._spoken:
            self._books.write(dataclasses.replace(turn, intents=tries))
        self._spoken = []

    # --- keys -----------------------------------------------------------------------------------------------

    def key(self, event: Digit) -> None:
        """A key was pressed; it answers the question as speech does."""
        expectation = self._conversation.expectation
        hidden = expectation is None or expectation.kind is AnswerKind.DIGITS
        self._timeline.add(KeyPressed("•" if hidden and event.key.isdigit() else event.key))
        if self._deaf:
            return
        if expectation is None:
            self._typed.append(event.key)
            return
        self._hush()
        if self._answer.add_key(event.key, expectation):
            self._submit_keys()
        else:
            self._await_more(self._limits.between_digits_s, "more keys to come")

    def _hush(self) -> None:
        """A key interrupts the prompt and whatever was being said beside it."""
        self._ear.abandon()
        for job in self._closing:
            self._jobs.cancel(job)
        self._closing.clear()
        self._jobs.cancel_all("interpret")
        if self._barge_in.contested:
            self._barge_in.interrupt("key")

    def _submit_keys(self) -> None:
        keys, now, hidden = self._answer.keys, self._clock.now_ms, self._expectation.kind is AnswerKind.DIGITS
        text = masked(keys, sensitive=hidden)
        self._spoken.append(TranscriptTurn("caller", text, now, now, keyed=True))
        self._answer.ended_ms = now
        self._submit(key_turn(keys, self._expectation), "keypad")

    # --- the bot's turn, and time ---------------------------------------------------------------------------

    def advance(self, event: Event, reason: str) -> None:
        """Feed the dialogue and give the word to whom it says."""
        self._conversation.advance(event)
        self.settle(reason)

    def settle(self, reason: str) -> None:
        """After a move: the bot speaks, or the floor is open, or something is being waited for."""
        if self._speaking.playout.active:
            self._books.go(Floor.BOT, reason)
        elif self._conversation.expectation is not None:
            self._open(reason)
        elif self._conversation.leaving:
            self._books.go(Floor.WAITING, reason)
        else:
            self._books.go(Floor.THINKING, reason)
        if self._conversation.expectation is not None and self._typed:
            typed, self._typed = self._typed, []
            for key in typed:
                self.key(Digit(key))

    def _open(self, reason: str) -> None:
        self._silent_since = self._clock.frame
        self._silence_due = self._clock.after(self._expectation.silence_s)
        if self._ear.utterance is not None:
            self._books.go(Floor.CALLER, f"{reason}, the caller is speaking")
            return
        self._books.go(Floor.OPEN, reason)
        self._try_to_answer()

    def _await_more(self, seconds: float, reason: str) -> None:
        self._silence_due = self._clock.after(seconds)
        self._books.go(Floor.OPEN, reason)

    def forget(self) -> None:
        """Drop whatever the caller was saying."""
        self._hush()
        self._speaking.stop()
        self._commit_spoken(())
        self._answer = Answer()

    def tick(self) -> None:
        """What time alone brings about in this frame."""
        if self._conversation.catch_up():
            self.settle("the call has done its part")
        floor = self._books.floor
        if floor is Floor.BOT and not self._speaking.playout.active:
            self.settle("the prompt ended")
        elif floor is Floor.BOT or floor is Floor.PAUSED:
            self._barge_in.tick(transcribing=bool(self._closing))
        elif floor is Floor.OPEN and self._clock.frame >= self._silence_due and self._ear.utterance is None:
            self._silence()

    def _silence(self) -> None:
        if self._answer.keys:
            self._submit_keys()
        elif self._answer.digits:
            self._submit_digits()
        else:
            self._timeline.add(SilenceElapsed((self._clock.frame - self._silent_since) * FRAME_MS))
            self.advance(UserSilence(), "the caller kept silent")
