"""What the bot says: prompts to audio, and what became of them to timeline, transcript and recording."""

from __future__ import annotations

from typing import Final, Protocol

from voicebot.audio.frame import FRAMES_PER_SECOND, Frame
from voicebot.call.books import Books
from voicebot.call.commands import Synthesise
from voicebot.call.events import Synthesised
from voicebot.call.handoff import TranscriptTurn
from voicebot.call.playout import Ended, Playout, Prompt, Started
from voicebot.call.timeline import PromptEnded, PromptStarted
from voicebot.dialogue.events import Say
from voicebot.speech.synthesiser import SpeechAudio

SYNTHESIS_DEADLINE_FRAMES: Final = 4 * FRAMES_PER_SECOND


class Prompts(Protocol):
    """Prompt audio that is ready in memory."""

    def get(self, text: str) -> SpeechAudio | None:
        """The whole audio of `text` at the call's rate, or None when it must be synthesised."""
        ...


class Speaking:
    """The bot's side of the conversation."""

    def __init__(self, playout: Playout, prompts: Prompts, books: Books) -> None:
        self.playout = playout
        self._prompts = prompts
        self._books = books
        self._clock = books.clock
        self._jobs = books.jobs
        self._waiting: dict[int, Prompt] = {}

    def say(self, say: Say) -> None:
        """Queue a prompt, from memory or by synthesis."""
        audio = self._prompts.get(say.text)
        prompt = self.playout.add(say, audio)
        if audio is None:
            job = self._jobs.start("synthesise", SYNTHESIS_DEADLINE_FRAMES)
            self._waiting[job] = prompt
            self._jobs.emit(Synthesise(job, say.text, SYNTHESIS_DEADLINE_FRAMES, keep=not _personal(say)))

    def synthesised(self, event: Synthesised) -> None:
        """A piece of a prompt has come."""
        prompt = self._waiting.get(event.job)
        if prompt is None:
            return
        self.playout.feed(prompt, event.audio, last=event.last)
        self._jobs.extend(event.job, SYNTHESIS_DEADLINE_FRAMES)
        if event.last:
            del self._waiting[event.job]

    def lost(self, job: int) -> Prompt | None:
        """The rest of a prompt will not come: it is dropped, and logged as far as it was said."""
        prompt = self._waiting.pop(job, None)
        if prompt is not None:
            self.playout.drop(prompt)
            self._note(prompt, complete=False)
        return prompt

    def stop(self, *, everything: bool = False, last: int | None = None) -> str:
        """Drop what may be interrupted (up to prompt number `last`), or everything; what was said of the first."""
        said = ""
        for prompt in self.playout.clear(everything=everything, last=last):
            if prompt.started:
                said = prompt.say.logged if prompt.say.sensitive else prompt.said
            self._note(prompt, complete=False)
            self._cancel(prompt)
        return said

    def _cancel(self, prompt: Prompt) -> None:
        for job in [job for job, waiting in self._waiting.items() if waiting is prompt]:
            self._jobs.cancel(job)
            del self._waiting[job]

    def next(self) -> Frame:
        """The bot's next 20 ms."""
        frame = self.playout.next()
        for news in self.playout.news:
            if isinstance(news, Started):
                self._started(news.prompt)
            elif isinstance(news, Ended):
                self._note(news.prompt, complete=True)
        return frame

    def _started(self, prompt: Prompt) -> None:
        now = self._clock.now_ms
        prompt.began_ms = now
        if prompt.say.sensitive:
            self._books.masks.open("prompt")
        asked, self._books.asked_ms = self._books.asked_ms, None
        delay = None if asked is None else now - asked
        self._books.timeline.add(PromptStarted(prompt.say.response, prompt.say.logged, delay))

    def _note(self, prompt: Prompt, *, complete: bool) -> None:
        if not prompt.started:
            return
        said = prompt.say.logged if complete else _logged_part(prompt)
        self._books.timeline.add(PromptEnded(prompt.say.response, said, complete))
        if said:
            turn = TranscriptTurn("bot", said, prompt.began_ms, self._clock.end_ms, interrupted=not complete)
            self._books.write(turn)
        if prompt.say.sensitive:
            self._books.masks.close("prompt", self._clock.frame + 1)


def _personal(say: Say) -> bool:
    """Whether the prompt may hold something of this caller's alone: a number, or what is sensitive anyway."""
    return say.sensitive or any(letter.isdigit() for letter in say.logged)


def _logged_part(prompt: Prompt) -> str:
    """What was said of an interrupted prompt; all of its masked text when it holds something sensitive."""
    return prompt.say.logged if prompt.say.sensitive else prompt.said
