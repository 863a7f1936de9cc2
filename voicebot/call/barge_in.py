"""Barge-in: when the caller speaks over the bot, it pauses at once, decides on words, and yields or resumes."""

from __future__ import annotations

import re
from typing import Final

from voicebot.call.books import Books
from voicebot.call.ear import Ear, Utterance
from voicebot.call.facts import CallLimits
from voicebot.call.speaking import Speaking
from voicebot.call.timeline import BargedIn, Floor

UNKNOWN: Final = "[unk]"
BACK_CHANNELS: Final = {
    "en": frozenset(
        "uh huh hm hmm mm mhm um ah oh okay ok yes yeah yep right sure good fine alright i see go on got it".split()
    ),
    "de": frozenset("mhm hm hmm äh ähm ah oh okay ok ja jaja genau gut aha so alles klar richtig verstehe".split()),
}
MOST_BACK_CHANNEL_WORDS: Final = 4
STEADY_MS: Final = 200
"""A single word over a prompt counts when the recogniser has kept it this long."""


def words_of(text: str) -> str:
    """The text without what the recogniser could not tell."""
    return " ".join(word for word in text.split() if word != UNKNOWN)


def is_back_channel(text: str, language: str) -> bool:
    """Whether the words only say "I am listening": they neither stop the bot nor answer it."""
    words = re.findall(r"\w+", words_of(text).lower())
    known = BACK_CHANNELS.get(language, BACK_CHANNELS["en"])
    return len(words) <= MOST_BACK_CHANNEL_WORDS and all(word in known for word in words)


class BargeIn:
    """Decides who has the word while bot and caller both speak."""

    def __init__(self, ear: Ear, speaking: Speaking, books: Books, limits: CallLimits, language: str) -> None:
        self._ear = ear
        self._playout = speaking.playout
        self._speaking = speaking
        self._books = books
        self._limits = limits
        self._language = language
        self._undecided_due = 0
        self._ignored: Utterance | None = None

    @property
    def bot_has_the_word(self) -> bool:
        """Whether what the caller says is said over the bot."""
        return self._books.floor in (Floor.BOT, Floor.PAUSED)

    @property
    def contested(self) -> bool:
        """Whether the bot has the word and may lose it."""
        floor = self._books.floor
        return floor is Floor.PAUSED or (floor is Floor.BOT and self._playout.interruptible)

    @property
    def in_a_hurry(self) -> bool:
        """Whether a pause is better decided soon: the bot is silent for nothing but a listener's "uh-huh"."""
        said = self._ear.utterance
        return self._books.floor is Floor.PAUSED and said is not None and is_back_channel(said.partial, self._language)

    def spoken_over(self) -> None:
        """The caller speaks while the bot has the word: fall silent, unless the prompt may not be interrupted."""
        if not self._playout.interruptible:
            return
        self._playout.pause()
        self._undecided_due = self._books.clock.after(self._limits.undecided_s)
        self._books.go(Floor.PAUSED, "the caller speaks over the prompt")

    def partial(self, text: str) -> None:
        """Several words take the word from the bot as soon as they are recognised."""
        if len(words_of(text).split()) > 1:
            self._decide()

    def may_take(self, prompts: int) -> bool:
        """Whether words may take the word from the bot; not if the prompt came after the first `prompts`.

        Such words were begun before it, and nobody has heard it yet.
        """
        return self.contested and self._playout.number <= prompts

    def final(self, said: Utterance, words: str) -> bool:
        """The caller's utterance over the bot is complete; whether it counts, now or when the bot is done."""
        if is_back_channel(words, self._language):
            self.go_on("back-channel")
            return False
        if self.may_take(said.prompts):
            self.interrupt("words", said.prompts)
        else:
            self.go_on("the caller had begun before")
        return True

    def interrupt(self, reason: str, last: int | None = None) -> None:
        """The bot says no more, but for what may not be left out, or comes after the prompt `last`."""
        self._books.timeline.add(BargedIn("interrupted", self._speaking.stop(last=last), reason))
        if self._playout.active:
            self._books.go(Floor.BOT, "what comes next must be heard")
        else:
            self._books.go(Floor.CALLER if self._ear.utterance else Floor.THINKING, f"barge-in: {reason}")

    def go_on(self, reason: str) -> None:
        """End a pause, unless the caller is speaking on."""
        if self._books.floor is Floor.PAUSED and self._ear.utterance is None:
            self._resume(reason)

    def _resume(self, reason: str) -> None:
        """The bot goes on from the word at which it paused."""
        self._books.timeline.add(BargedIn("resumed", "", reason))
        self._playout.resume()
        self._books.go(Floor.BOT, f"no barge-in: {reason}")

    def tick(self, *, transcribing: bool) -> None:
        """What time brings about; `transcribing`: the utterance has ended and its words are still awaited."""
        said = self._ear.utterance
        if self._books.floor is Floor.PAUSED:
            self._tick_paused(said, transcribing)
        elif said is not None and said is not self._ignored:
            self.spoken_over()

    def _tick_paused(self, said: Utterance | None, transcribing: bool) -> None:
        if said is None:
            if not transcribing:
                self._resume("nothing to recognise")
        elif words_of(said.partial):
            if self._books.clock.end_ms - said.partial_since_ms >= STEADY_MS:
                self._decide()
        elif self._books.clock.frame >= self._undecided_due:
            self._ignored = said
            self._resume("noise")

    def _decide(self) -> None:
        """Words other than a back-channel take the word from the bot, even those in what was taken for noise.

        Once the caller has fallen silent the final words are near, and surer than a partial.
        """
        said = self._ear.utterance
        if said is None or self._ear.quiet or is_back_channel(said.partial, self._language):
            return
        paused = self._books.floor is Floor.PAUSED
        if (paused or said is self._ignored) and self.may_take(said.prompts):
            self.interrupt("words", said.prompts)
