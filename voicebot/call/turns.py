"""Turn-taking: who has the word, when the caller has finished, and what silence and keys bring about."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from voicebot.audio.frame import FRAME_MS, Frame, FrameKind
from voicebot.call.answering import Answering, Pending
from voicebot.call.barge_in import UNKNOWN, BargeIn, words_of
from voicebot.call.books import Books
from voicebot.call.conversation import Conversation
from voicebot.call.ear import Ear, Utterance
from voicebot.call.events import Digit, PartialHeard, Recognised, Understood, VoiceActivity
from voicebot.call.facts import CallLimits
from voicebot.call.speaking import Speaking
from voicebot.call.timeline import CallerStarted, CallerStopped, Floor, KeyPressed, NothingHeard, SilenceElapsed
from voicebot.call.understanding import HIDDEN, shown_key
from voicebot.dialogue.events import AnswerKind, Event, Expectation, UserSilence, UserTurn
from voicebot.speech.endpointer import SpeechEnded, SpeechStarted
from voicebot.speech.recogniser import Hints

UNINTELLIGIBLE_MS: Final = 400
"""Speech without a known word is an answer that was not understood when it lasts this long; shorter, it is noise."""
TONE_FRAMES: Final = 15
"""The tone of a key, if it is in the audio at all, lies this close to its event."""
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
        self._limits = limits
        self._barge_in = BargeIn(ear, speaking, books, limits, language)
        self._answering = Answering(books)
        self._closing: dict[int, Utterance] = {}
        self._typed: list[str] = []
        self._silence_due = math.inf
        """The frame at which the caller has kept silent for too long; infinite while the floor is not theirs."""
        self._silent_since = 0
        self.listening = True
        """Whether the caller's voice matters."""

    @property
    def _keys_only(self) -> bool:
        """Whether the question is answered by keys alone (`dtmf: {allow_audio_input: false}`)."""
        keypad = self._expectation.keypad
        return keypad is not None and not keypad.allow_audio_input

    @property
    def _expectation(self) -> Expectation:
        return self._conversation.expectation or OPEN_QUESTION

    @property
    def _listening_for(self) -> AnswerKind:
        """What the hangover goes by: the question, unless something else is being said."""
        if self._barge_in.in_a_hurry:
            return AnswerKind.YES_NO
        return AnswerKind.OPEN if self._answering.aside else self._expectation.kind

    # --- the caller's voice ---------------------------------------------------------------------------------

    def hear(self, frame: Frame, activity: VoiceActivity | None) -> None:
        """One frame of the caller. A caller who holds the line neither speaks nor is silent."""
        if not self.listening:
            return
        self._ear.hear(frame.samples)
        if frame.kind is FrameKind.HELD:
            self._silence_due, self._silent_since = self._silence_due + 1, self._silent_since + 1
            activity = VoiceActivity(0.0) if activity else None
        if activity is not None:
            self._window(activity)

    def _window(self, activity: VoiceActivity) -> None:
        kind = self._listening_for if self._ear.utterance is not None else self._expectation.kind
        event = self._ear.window(activity, kind, complete=self._answering.complete)
        if isinstance(event, SpeechStarted):
            self._speech_started(event)
        elif event is not None:
            self._speech_ended(event)

    def _speech_started(self, event: SpeechStarted) -> None:
        playout, expectation = self._speaking.playout, self._expectation
        over = playout.active or self._conversation.expectation is None
        self._books.timeline.add(CallerStarted(round(event.at_ms), over))
        self._answering.listen()
        hints, sensitive = self._hints(expectation), expectation.sensitive
        self._ear.open(event, hints, over_prompt=over, prompts=playout.added, sensitive=sensitive)
        self._books.jobs.cancel_all("interpret")
        if self._barge_in.bot_has_the_word:
            self._barge_in.spoken_over()
        else:
            self._books.go(Floor.CALLER, "the caller speaks")

    def _speech_ended(self, event: SpeechEnded) -> None:
        started, ended = round(event.started_ms), round(event.ended_ms)
        self._books.timeline.add(CallerStopped(started, ended, self._clock.end_ms - ended, event.reason.value))
        said = self._ear.close(event)
        if said is not None:
            self._closing[said.job] = said
        if self._books.floor is Floor.CALLER:
            self._books.go(Floor.THINKING, "endpoint")

    def partial(self, event: PartialHeard) -> None:
        """The recogniser's text so far."""
        if self._ear.partial(event.job, event.text):
            self._answering.partial(event.text, self._expectation)
            self._barge_in.partial(event.text)

    def recognised(self, event: Recognised) -> None:
        """The final reading of an utterance."""
        said = self._closing.pop(event.job, None)
        if said is None:
            return
        heard = event.transcription
        words = words_of(heard.best.text)
        if not words:
            self._no_words(said, unintelligible=UNKNOWN in heard.best.text)
            return
        self._answering.write(said, heard, sensitive=said.sensitive or self._expectation.sensitive)
        if self._barge_in.bot_has_the_word and not self._barge_in.final(said, words):
            self._answering.commit()
            return
        self._answering.add(said, heard)
        self._try_to_answer()

    def _no_words(self, said: Utterance, *, unintelligible: bool) -> None:
        duration = said.ended_ms - said.started_ms
        self._books.timeline.add(NothingHeard(duration))
        self._barge_in.go_on("no words")
        if self._ear.utterance is not None or self._barge_in.bot_has_the_word:
            return
        if not self._answering.answer.empty:
            self._try_to_answer()
        elif unintelligible and duration >= UNINTELLIGIBLE_MS and self._conversation.expectation is not None:
            self._answered(self._answering.unintelligible(said))
        elif self._silence_due < math.inf:
            self._books.go(Floor.OPEN, "only noise")
        else:
            self.settle("only noise")

    # --- the caller's answer --------------------------------------------------------------------------------

    def _try_to_answer(self) -> None:
        """Act on what the caller said, unless they speak on or the bot has the word.

        While an action runs the dialogue is told as well: it listens for the wish for a human.
        """
        if self._answering.answer.empty or self._barge_in.bot_has_the_word:
            return
        if self._ear.utterance is not None or self._closing:
            return
        reading = self._answering.read(self._expectation)
        if reading is Pending.MORE_DIGITS:
            self._await_more(self._limits.between_groups_s, reading.value)
        elif reading is Pending.MORE_KEYS:
            self._await_more(self._limits.between_digits_s, reading.value)
        elif isinstance(reading, Pending):
            self._books.go(Floor.THINKING, reading.value)
        else:
            self._answered(reading)

    def understood(self, event: Understood) -> None:
        """The meaning of an answer has come."""
        self._answered(self._answering.understood(event, self._expectation))

    def _answered(self, turn: UserTurn) -> None:
        self.advance(turn, "answered")

    def key(self, event: Digit) -> None:
        """A key was pressed; it answers the question as speech does."""
        expectation = self._conversation.expectation
        shown, frame = shown_key(event.key, expectation), self._clock.frame
        self._books.timeline.add(KeyPressed(shown))
        if shown == HIDDEN and not self._books.masks.is_open:
            self._books.masks.span(frame - TONE_FRAMES, frame + TONE_FRAMES)
        if self._conversation.over:
            return
        if expectation is None:
            self._typed.append(event.key)
            return
        self._hush()
        if self._barge_in.contested:
            self._barge_in.interrupt("key")
        if self._answering.answer.add_key(event.key, expectation):
            self._answered(self._answering.keys(expectation))
        elif not self._speaking.playout.active:
            self._await_more(self._limits.between_digits_s, Pending.MORE_KEYS.value)

    def _hush(self) -> None:
        """Whatever is being said is not waited for any more."""
        self._ear.abandon()
        for job in self._closing:
            self._books.jobs.cancel(job)
        self._closing.clear()
        self._books.jobs.cancel_all("interpret")

    def forget(self) -> None:
        """Drop everything that is being said, on both sides."""
        self._hush()
        self._speaking.stop(everything=True)
        self._answering.commit()
        self._answering.forget()

    # --- the bot's turn, and time ---------------------------------------------------------------------------

    def advance(self, event: Event, reason: str) -> None:
        """Feed the dialogue and give the word to whom it says."""
        self._conversation.advance(event)
        self.settle(reason)

    def settle(self, reason: str) -> None:
        """After a move: the bot speaks, or the floor is open, or something is being waited for."""
        if self._books.floor is Floor.HUMAN:
            return
        self._books.jobs.cancel_all("interpret")
        self._silence_due = math.inf
        self.listen()
        playout = self._speaking.playout
        if playout.active:
            self._books.go(Floor.PAUSED if playout.paused else Floor.BOT, reason)
        elif self._conversation.expectation is not None:
            self._open(reason)
        else:
            self._books.go(Floor.WAITING if self._conversation.leaving else Floor.THINKING, reason)
        if self._conversation.expectation is not None and self._typed:
            self._typed_ahead()

    def listen(self) -> None:
        """Lend the caller an ear, or none: after goodbye, while a human is fetched, where keys alone can answer."""
        self.listening = not (self._conversation.over or self._keys_only)
        if not self.listening:
            self._hush()
            self._barge_in.go_on("the bot listens no more")
        if self._conversation.over:
            self._answering.commit()
            self._answering.forget()

    def _typed_ahead(self) -> None:
        """Keys pressed before the question answer it now."""
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

    def tick(self) -> None:
        """What time alone brings about in this frame."""
        if self._conversation.deferred is not None and self._conversation.catch_up():
            self.settle("the call has done its part")
        floor = self._books.floor
        if floor is Floor.OPEN:
            speaking = self._ear.utterance is not None or self._closing
            if self._clock.frame >= self._silence_due and not speaking:
                self._silence()
        elif floor is Floor.BOT or floor is Floor.PAUSED:
            self._tick_with_bot()

    def _tick_with_bot(self) -> None:
        if not self._speaking.playout.active:
            self.settle("the prompt ended")
        elif self._answered_ahead:
            self._barge_in.interrupt("the caller has answered before", self._answering.answer.prompts)
            self._try_to_answer()
        else:
            self._barge_in.tick(transcribing=bool(self._closing))

    @property
    def _answered_ahead(self) -> bool:
        """Whether the caller has said what they want while the bot could not be interrupted, and now it can."""
        answer = self._answering.answer
        if answer.empty or self._books.floor is not Floor.BOT:
            return False
        done = self._ear.utterance is None and not self._closing
        return done and self._barge_in.may_take(answer.prompts) and self._conversation.expectation is not None

    def _silence(self) -> None:
        answer = self._answering.answer
        if answer.keys:
            self._answered(self._answering.keys(self._expectation))
        elif answer.digits:
            self._answered(self._answering.digits())
        else:
            self._books.timeline.add(SilenceElapsed((self._clock.frame - self._silent_since) * FRAME_MS))
            self._answering.commit()
            self._answering.forget()
            self.advance(UserSilence(), "the caller kept silent")
