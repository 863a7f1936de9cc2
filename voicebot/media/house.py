"""Everything that calls share, loaded once per process from the settings: script, engines, prompt audio, hints."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import structlog

from voicebot.call.call import Call
from voicebot.call.facts import CallFacts, CallLimits
from voicebot.call.handoff import HandOffPackage
from voicebot.call.rescue import LastWords
from voicebot.dialogue.events import Expectation, Say
from voicebot.dialogue.project import load_dialogue
from voicebot.dialogue.script import Script
from voicebot.errors import VoicebotError
from voicebot.media.chat import Chat
from voicebot.media.engines import Calls, Deeds, Engines
from voicebot.media.stored import StoredCalls
from voicebot.models.chosen import stamp
from voicebot.nlu.interpreter import Interpreter
from voicebot.settings import Settings
from voicebot.speech.activity_batch import ActivityBatch
from voicebot.speech.prompt_audio import PromptAudio
from voicebot.speech.recogniser import Hints, Recogniser
from voicebot.speech.synthesiser import Synthesiser, SynthesiserError
from voicebot.speech.webrtc import WebRtcDetector

if TYPE_CHECKING:
    from voicebot.speech.activity import ActivityDetector

log = structlog.get_logger()

CASE_STORED: Final = "utter_call_ends_case_stored"
CASE_LOST: Final = "utter_call_ends_case_lost"
"""Responses that a project may have: said when the bot itself must end a call, by a fault of ours."""


@dataclass(slots=True)
class House:
    """What `open` loads; the rest is made of it on demand."""

    settings: Settings
    script: Script
    interpreter: Interpreter
    actions: Deeds
    recogniser: Recogniser | None
    synthesiser: Synthesiser | None
    hints: Callable[[Expectation], Hints] | None
    detector: ActivityDetector[Any] | None
    standby: Synthesiser | None = None
    reread: Callable[[], Settings] | None = None
    _voices: dict[int, PromptAudio] = field(default_factory=dict)
    _choice: tuple[int, int] | None = None
    _renewing: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, settings: Settings, *, speech: bool = True, reread: Callable[[], Settings] | None = None) -> House:
        """Load everything; without `speech` only what a text chat needs. Raises VoicebotError.

        With `reread`, which gives the settings of that moment, `renew` notices what `voicebot models use` chose.
        """
        from voicebot.media import load
        from voicebot.store.database import make_directory

        make_directory(settings.data)
        choice = stamp(settings.data)
        project = settings.project
        script = load_dialogue(project / "nlu_data", project / "prompts", settings.language)
        return cls(
            settings=settings,
            script=script,
            interpreter=load.interpreter(settings),
            actions=load.actions(settings, script),
            recogniser=load.recogniser(settings) if speech else None,
            synthesiser=load.synthesiser(settings) if speech else None,
            hints=load.hints(settings, script) if speech else None,
            detector=load.detector(settings) if speech else None,
            standby=load.standby(settings) if speech else None,
            reread=reread,
            _choice=choice,
        )

    def renew(self) -> None:
        """Before a call: when other engines were chosen meanwhile, load them for this and later calls.

        Takes as long as loading a model and speaking the prompts; calls under way keep their engines, and so do all
        when the chosen ones cannot be loaded.
        """
        if self.reread is None or self.recogniser is None or stamp(self.settings.data) == self._choice:
            return
        with self._renewing:
            choice = stamp(self.settings.data)
            if choice == self._choice:
                return
            self._choice = choice
            try:
                self._load_speech(self.settings.model_copy(update={"speech": self.reread().speech}))
            except VoicebotError as error:
                log.warning("the chosen engines cannot be loaded; those before go on", reason=str(error))
            else:
                log.info("other engines serve from this call on", engines=self.describe())

    def _load_speech(self, settings: Settings) -> None:
        """Replace recogniser and voice by those of `settings`, all at once when all are ready."""
        from voicebot.media import load

        fresh = replace(
            self,
            settings=settings,
            recogniser=load.recogniser(settings),
            synthesiser=load.synthesiser(settings),
            standby=load.standby(settings),
            _voices={},
        )
        for rate in tuple(self._voices):
            fresh.voice(rate)
        self.settings, self.recogniser = settings, fresh.recogniser
        self.synthesiser, self.standby, self._voices = fresh.synthesiser, fresh.standby, fresh._voices

    def describe(self) -> str:
        """Which engine does what, for people."""
        ear = self.recogniser.name if self.recogniser else "none"
        voice = self.synthesiser.name if self.synthesiser else "none"
        activity = self.detector.name if self.detector else "none"
        return f"hearing: {ear} · voice activity: {activity} · understanding: {self.interpreter.name} · voice: {voice}"

    def voice(self, rate: int) -> PromptAudio:
        """Prompt audio at `rate` Hz, its fixed prompts ready."""
        assert self.synthesiser is not None  # noqa: S101 - opened with speech
        if rate not in self._voices:
            recorded = self.script.responses.recorded()
            cache = self.settings.data / "cache" / "prompts"
            voice = PromptAudio(self.synthesiser, rate, recorded, cache, standby=self.standby)
            voice.warm(self.script.responses.fixed_texts())
            self._rehearse(voice, rate)
            self._voices[rate] = voice
        return self._voices[rate]

    def _rehearse(self, voice: PromptAudio, rate: int) -> None:
        """Run each engine once, so that the first caller does not wait for imports and first allocations."""
        assert self.recogniser is not None  # noqa: S101 - opened with speech
        spoken = [piece.samples for piece in voice.render("One moment, please.", keep=False)]
        if not spoken:
            name = self.settings.spoken.voice
            raise SynthesiserError(f"the voice {name!r} gives no audio; choose another with speech.voice")
        hearing = self.recogniser.open(rate, Hints("rehearsal"))
        hearing.accept(np.concatenate(spoken))
        hearing.finish()

    def engines(self, rate: int, calls: Calls) -> Engines:
        """The engines for calls of `rate` Hz, which are kept in `calls`."""
        assert self.recogniser is not None  # noqa: S101 - opened with speech
        return Engines(self.recogniser, self.interpreter, self.voice(rate), self.actions, calls)

    def activity(self) -> ActivityBatch[Any]:
        """Voice activity for one ticker."""
        assert self.detector is not None  # noqa: S101 - opened with speech
        return ActivityBatch(self.detector, gate=not isinstance(self.detector, WebRtcDetector))

    def facts(self, call_id: str, caller: str, called: str, started_at: datetime) -> CallFacts:
        """What holds for a call to the number `called`."""
        number = self.settings.number(called)
        return CallFacts(
            call_id=call_id,
            caller=caller,
            called=called,
            started_at=started_at,
            language=self.settings.language,
            rate=self.settings.call.rate,
            seed=started_at.microsecond,
            recording=number.recording or "off",
            queue=number.queue,
        )

    def call(self, facts: CallFacts) -> Call:
        """A new call."""
        assert self.hints is not None  # noqa: S101 - opened with speech
        limits = CallLimits(max_duration_s=self.settings.call.max_duration_s)
        words = LastWords(self._last_words(CASE_STORED), self._last_words(CASE_LOST))
        dialogue = self.script.dialogue(facts.seed)
        return Call(facts, dialogue, self.voice(facts.rate), self.hints, limits, last_words=words)

    def _last_words(self, response: str) -> Say | None:
        """A response as it is said when nothing else works any more: as it is written."""
        variations = self.script.responses.by_name.get(response, ())
        text = next((variation.text for variation in variations if not variation.slots), None)
        return None if text is None else Say(response, text, text, interruptible=False)

    def chat(self, facts: CallFacts, hand_off: Callable[[HandOffPackage], tuple[str, int]]) -> Chat:
        """A conversation in text."""
        return Chat(facts, self.script.dialogue(facts.seed), self.interpreter, self.actions, hand_off)

    @contextmanager
    def stored(self) -> Iterator[StoredCalls]:
        """The store of live calls."""
        from voicebot.store.database import Database

        with Database.from_settings(self.settings) as database:
            yield StoredCalls(database)
