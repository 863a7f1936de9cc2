"""From words and keys to what the dialogue is told: one UserTurn an answer, however many pieces it came in."""

from __future__ import annotations

import dataclasses
import enum
from typing import Final

from voicebot.audio.frame import FRAME_MS, FRAMES_PER_SECOND, ms_to_frames
from voicebot.call.answer import Answer
from voicebot.call.barge_in import words_of
from voicebot.call.books import Books, masked
from voicebot.call.commands import Interpret
from voicebot.call.ear import Utterance
from voicebot.call.events import Understood
from voicebot.call.handoff import IntentTry, TranscriptTurn
from voicebot.call.timeline import Heard, Meant
from voicebot.call.understanding import is_whole, key_turn, read_answer, shown_key, user_turn
from voicebot.dialogue.events import AnswerKind, Expectation, UserTurn
from voicebot.speech.endpointer import PRE_ROLL_MS
from voicebot.speech.recogniser import Transcription

INTERPRETATION_DEADLINE_FRAMES: Final = 2 * FRAMES_PER_SECOND


class Pending(enum.Enum):
    """What an answer that is no turn yet waits for."""

    MORE_DIGITS = "more digits to come"
    MORE_KEYS = "more keys to come"
    MEANING = "to be understood"


class Answering:
    """The caller's answer under way: heard, written down, read, and at last given to the dialogue."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._spoken: list[TranscriptTurn] = []
        self.answer = Answer()
        self.complete = False
        """Whether what is being said fits the question wholly already."""
        self.aside = False
        """Whether something other than the number asked for is being said."""

    def listen(self) -> None:
        """The caller begins to speak."""
        self.complete = self.aside = False

    def partial(self, text: str, expectation: Expectation) -> None:
        """Judge the words so far: a whole answer needs a short hangover, and so does a command beside a number."""
        words = words_of(text)
        value = read_answer(f"{self.answer.text} {words}", expectation)
        numeric = expectation.kind is AnswerKind.DIGITS
        self.aside = numeric and bool(words) and value is None and not self.answer.digits
        self.complete = is_whole(self.answer.digits + value if numeric and value else value, expectation)

    def write(self, said: Utterance, heard: Transcription, *, sensitive: bool) -> None:
        """Enter an utterance into timeline and transcript, masked; what was masked is silenced in the recording too."""
        words, confidence = words_of(heard.best.text), heard.best.confidence
        text = masked(words, sensitive=sensitive)
        if text != words:
            start = max(0, said.started_ms - PRE_ROLL_MS) // FRAME_MS
            self._books.masks.span(start, ms_to_frames(said.ended_ms) + 1)
        self._books.timeline.add(Heard(text, confidence, heard.engine))
        self._spoken.append(TranscriptTurn("caller", text, said.started_ms, said.ended_ms, confidence))

    def add(self, said: Utterance, heard: Transcription) -> None:
        """An utterance is part of the answer."""
        self.answer.add_words(words_of(heard.best.text), heard.best.confidence, said)

    def read(self, expectation: Expectation) -> UserTurn | Pending:
        """Closed questions are read here; for anything else the interpreter is asked."""
        answer = self.answer
        if answer.keys and not answer.text:
            return Pending.MORE_KEYS
        if answer.text and answer.take_group(expectation):
            return Pending.MORE_DIGITS
        if answer.digits and not answer.text:
            return self.digits() if is_whole(answer.digits, expectation) else Pending.MORE_DIGITS
        value = read_answer(answer.text, expectation) if expectation.kind is not AnswerKind.DIGITS else None
        if value is None:
            job = self._books.jobs.start("interpret", INTERPRETATION_DEADLINE_FRAMES)
            self._books.jobs.emit(Interpret(job, answer.text, INTERPRETATION_DEADLINE_FRAMES))
            return Pending.MEANING
        intent = {"true": "affirm", "false": "deny"}.get(value, "inform")
        turn = UserTurn(answer.text, intent, 1.0, answer.heard, value, over_prompt=answer.over_prompt)
        return self._finish(turn, "answer")

    def understood(self, event: Understood, expectation: Expectation) -> UserTurn:
        """The interpreter has answered."""
        meaning = event.interpretation
        tries = tuple(IntentTry(i.name, round(i.confidence, 3)) for i in meaning.ranking[:3])
        turn = user_turn(meaning, expectation, heard=self.answer.heard, over_prompt=self.answer.over_prompt)
        return self._finish(turn, meaning.engine, tries)

    def digits(self) -> UserTurn:
        """The digits said so far are the answer."""
        answer = self.answer
        turn = UserTurn(answer.digits, "inform", 1.0, answer.heard, answer.digits, over_prompt=answer.over_prompt)
        return self._finish(turn, "digits")

    def keys(self, expectation: Expectation) -> UserTurn:
        """The keys pressed so far are the answer."""
        keys, now = self.answer.keys, self._books.clock.now_ms
        shown = "".join(shown_key(key, expectation) for key in keys)
        self._spoken.append(TranscriptTurn("caller", shown, now, now, keyed=True))
        self.answer.ended_ms = now
        return self._finish(key_turn(keys, expectation), "keypad")

    def unintelligible(self, said: Utterance) -> UserTurn:
        """The caller spoke, and no word of it was understood."""
        self.answer.ended_ms = said.ended_ms
        return self._finish(UserTurn(text="", intent="out_of_scope", confidence=0.0, heard=0.0), "")

    def _finish(self, turn: UserTurn, engine: str, tries: tuple[IntentTry, ...] = ()) -> UserTurn:
        self._books.timeline.add(Meant(turn.intent, turn.confidence, engine))
        self.commit(tries or (IntentTry(turn.intent, turn.confidence),))
        self._books.asked_ms = self.answer.ended_ms or None
        self.forget()
        return turn

    def commit(self, tries: tuple[IntentTry, ...] = ()) -> None:
        """Commit what was said, with what it was taken for."""
        for turn in self._spoken:
            self._books.write(dataclasses.replace(turn, intents=tries))
        self._spoken = []

    def forget(self) -> None:
        """Start anew."""
        self.answer = Answer()
        self.listen()
