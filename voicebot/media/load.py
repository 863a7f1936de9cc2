"""From settings to engines: which recogniser, synthesiser, interpreter and detector serve the calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from voicebot.call.hints import hints_for
from voicebot.dialogue.actions import Actions, load_actions
from voicebot.dialogue.events import Expectation
from voicebot.dialogue.script import Script
from voicebot.nlu.interpreter import Interpreter
from voicebot.settings import Settings
from voicebot.speech.activity import ActivityDetector
from voicebot.speech.recogniser import Hints, Recogniser
from voicebot.speech.synthesiser import Synthesiser

log = structlog.get_logger()


def recogniser(settings: Settings) -> Recogniser:
    """The speech recogniser. Raises RecogniserError."""
    from voicebot.speech.vosk import VoskRecogniser

    return VoskRecogniser(settings.in_project(settings.speech.model))


def synthesiser(settings: Settings) -> Synthesiser:
    """The voice of the calls' language. Raises SynthesiserError."""
    spoken = settings.spoken
    voice = spoken.voice or settings.speech.voice
    if spoken.synthesiser == "piper":
        from voicebot.speech.piper import PiperSynthesiser

        return PiperSynthesiser(
            settings.in_project(Path(voice)),
            speaker=spoken.speaker,
            length_scale=spoken.length_scale,
            noise_scale=spoken.noise_scale,
            noise_w=spoken.noise_w,
        )
    if spoken.synthesiser == "flite":
        from voicebot.speech.flite import FliteSynthesiser

        return FliteSynthesiser(voice)
    from voicebot.speech.espeak import EspeakSynthesiser

    return EspeakSynthesiser(voice)


def standby(settings: Settings) -> Synthesiser | None:
    """The voice that speaks when the one of `synthesiser` fails: espeak-ng, where that is another and installed."""
    if settings.spoken.synthesiser == "espeak":
        return None
    from voicebot.speech.espeak import DEFAULT_VOICE, EspeakSynthesiser
    from voicebot.speech.synthesiser import SynthesiserError

    by_language = {"en": DEFAULT_VOICE, "zh": "cmn"}
    try:
        return EspeakSynthesiser(by_language.get(settings.language, settings.language))
    except SynthesiserError as error:
        log.info("there is no standby voice", reason=str(error))
        return None


def detector(settings: Settings) -> ActivityDetector[Any]:
    """The voice-activity detector: Silero where its file is installed, else webrtcvad alone. Raises ActivityError."""
    from voicebot.speech.activity_batch import best_detector
    from voicebot.speech.silero import SileroDetector
    from voicebot.speech.webrtc import WebRtcDetector

    if settings.speech.activity == "silero":
        return SileroDetector()
    if settings.speech.activity == "webrtc":
        return WebRtcDetector()
    found, reason = best_detector()
    log.debug(reason)
    return found


def actions(settings: Settings, script: Script) -> Actions:
    """The business actions, all that the flows run among them. Raises ActionError."""
    found = load_actions(settings.actions)
    found.require(script.actions)
    return found


def interpreter(settings: Settings) -> Interpreter:
    """The intent model; the embedded one is trained first when it is not there yet, and stands in for Rasa.

    Raises InterpreterError.
    """
    from voicebot.nlu.embedded import open_embedded

    embedded = open_embedded(nlu_data(settings), model_dir(settings), log.info)
    if settings.nlu.engine == "embedded":
        return embedded
    from voicebot.media.rasa import open_rasa
    from voicebot.nlu.fallback import WithFallback

    return WithFallback(open_rasa(settings, embedded.model), embedded)


def nlu_data(settings: Settings) -> Path:
    """Where the training data is."""
    return settings.project / "nlu_data"


def model_dir(settings: Settings) -> Path:
    """Where the trained intent model is kept."""
    return settings.data / "models" / "nlu"


def hints(settings: Settings, script: Script) -> Callable[[Expectation], Hints]:
    """What the recogniser should listen for, by expectation."""
    from voicebot.nlu.phrases import example_phrases

    return hints_for(settings.language, example_phrases(nlu_data(settings)), tuple(script.phrases))
