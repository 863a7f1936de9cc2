"""A phone in virtual time: drives a Call with scripted engine results, frame by frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np

from voicebot.audio.frame import FRAME_MS, Frame, Samples, frame_length
from voicebot.call.call import Call
from voicebot.call.commands import (
    Command,
    FinishRecognition,
    Interpret,
    RecogniseAudio,
    RunAction,
    StartRecognition,
    StoreHandOff,
)
from voicebot.call.events import ActionResult, HandOffStored, Input, PartialHeard, Recognised, Understood, VoiceActivity
from voicebot.call.facts import CallFacts, CallLimits
from voicebot.call.step import Step
from voicebot.call.timeline import Entry, Floor
from voicebot.dialogue.events import Event, Expectation, LearntSlot, Listen, Move, Say, SlotValue
from voicebot.nlu.interpreter import Entity, IntentScore, Interpretation
from voicebot.speech.recogniser import Hints, Hypothesis, Transcription, Word
from voicebot.speech.synthesiser import SpeechAudio, WordMark

T = TypeVar("T")

RATE = 8000
WORD_MS = 300
"""Every word of a prompt takes this long."""


def spoken(text: str, rate: int = RATE) -> SpeechAudio:
    """A prompt as a tone, with a mark for each word."""
    words = text.split(" ")
    length = rate * WORD_MS // 1000
    marks, char = [], 0
    for number, word in enumerate(words):
        marks.append(WordMark(char, number * length))
        char += len(word) + 1
    time = np.arange(length * len(words)) / rate
    samples = (3000 * np.sin(2 * np.pi * 300 * time)).astype(np.int16)
    return SpeechAudio(text, samples, rate, tuple(marks))


class Cached:
    """All prompts are in memory, except those that begin with `?`."""

    def get(self, text: str) -> SpeechAudio | None:
        return None if text.startswith("?") else spoken(text)


class Script:
    """A dialogue that answers each event with the next list of moves; repeats its last question when it runs out."""

    def __init__(self, *moves: Sequence[Move]) -> None:
        self._moves = deque(moves)
        self.events: list[Event] = []

    def advance(self, event: Event) -> list[Move]:
        self.events.append(event)
        return list(self._moves.popleft()) if self._moves else [Listen(Expectation())]

    def learnt(self) -> tuple[LearntSlot, ...]:
        return (LearntSlot("city", "boston", confirmed=True, sensitive=False),)


def say(text: str, **options: bool) -> Say:
    """A prompt whose response is named after its first word."""
    return Say("utter_" + text.split(" ", 1)[0].strip("?").lower(), text, text, **options)


@dataclass
class Phone:
    """Frames in, frames out; recogniser and interpreter answer one frame after they are asked."""

    call: Call
    words: deque[str] = field(default_factory=deque)
    actions: Mapping[str, Mapping[str, SlotValue]] = field(default_factory=dict)
    engines: bool = True
    sent: list[Samples] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    inbox: list[Input] = field(default_factory=list)
    saying: str = ""
    job: int = 0
    meaning: Callable[[str], Interpretation] = lambda text: Interpretation(text, IntentScore("inform", 0.9))

    def step(self, *inputs: Input, probability: float | None = None, frame: Frame | None = None) -> Step:
        """One frame. A window ends in it when `probability` is given."""
        news = [*self.inbox, *inputs]
        self.inbox = []
        if probability is not None:
            news.append(VoiceActivity(probability))
        rate = self.call.facts.rate
        step = self.call.step(news, frame or Frame(np.full(frame_length(rate), 100, np.int16)))
        self.sent.append(step.frame.samples)
        self.commands.extend(step.commands)
        self.entries.extend(self.call.timeline.drain())
        if self.engines:
            self._serve(step.commands)
        return step

    def _serve(self, commands: Iterable[Command]) -> None:
        for command in commands:
            if isinstance(command, StartRecognition):
                self.job = command.job
            elif isinstance(command, RecogniseAudio):
                self.inbox.append(PartialHeard(command.job, self.saying))
            elif isinstance(command, FinishRecognition):
                self.inbox.append(recognised(command.job, self.saying))
            elif isinstance(command, Interpret):
                self.inbox.append(Understood(command.job, self.meaning(command.text)))
            elif isinstance(command, RunAction) and command.name in self.actions:
                self.inbox.append(ActionResult(command.job, self.actions[command.name]))
            elif isinstance(command, StoreHandOff):
                self.inbox.append(HandOffStored(command.job, "Q-1", 1))

    def wait(self, ms: int, probability: float = 0.0) -> None:
        """Let time pass; voice-activity windows of 32 ms end in the frames in which they would."""
        for _ in range(ms // FRAME_MS):
            now = self.call.clock.frame * FRAME_MS
            ends = (now + FRAME_MS) // 32 > now // 32
            self.step(probability=probability if ends else None)

    def floor(self) -> Floor:
        """Who has the word now."""
        return self.call.floor

    def speak(self, text: str, ms: int = 800, after: int = 1400) -> None:
        """The caller says something for `ms`, then is silent for `after` ms."""
        self.saying = text
        self.wait(ms, 0.95)
        self.wait(after)

    def all(self, kind: type[T]) -> list[T]:
        """The timeline's events of a kind."""
        return [entry.event for entry in self.entries if isinstance(entry.event, kind)]

    def asked(self, kind: type[T]) -> list[T]:
        """The commands of a kind."""
        return [command for command in self.commands if isinstance(command, kind)]


def recognised(job: int, text: str) -> Recognised:
    """A final result with one reading."""
    words = tuple(Word(word, 0, 100, 0.9) for word in text.split())
    readings = (Hypothesis(text, 0.9, words),) if text else ()
    return Recognised(job, Transcription(readings, "scripted"))


def meaning(intent: str, *entities: tuple[str, str]) -> Callable[[str], Interpretation]:
    """An interpreter that always means `intent`."""
    found = tuple(Entity(name, value, 0, 0) for name, value in entities)
    return lambda text: Interpretation(text, IntentScore(intent, 0.9), (IntentScore(intent, 0.9),), found, "scripted")


def dial(
    *moves: Sequence[Move], limits: CallLimits | None = None, rate: int = RATE, seed: int = 0
) -> tuple[Phone, Script]:
    """A call that is about to be stepped for the first time."""
    facts = CallFacts("c1", "+15550100", "100", datetime(2026, 3, 2, 10, tzinfo=UTC), rate=rate, seed=seed)
    script = Script(*moves)
    return Phone(Call(facts, script, Cached(), lambda e: Hints(e.kind.value), limits)), script
