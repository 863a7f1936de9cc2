"""What serves the calls on this machine, what else could, and how fast it is."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicebot.audio.frame import Samples
from voicebot.errors import VoicebotError
from voicebot.media import load
from voicebot.models.shelf import Shelf
from voicebot.settings import Settings

SENTENCE: Final = "Thank you for calling. Please tell me how I can help you, and I will do my best."
QUESTION: Final = "what is my balance"
_RATE: Final = 8000


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine. `problem`: why it cannot serve; `speed`: as measured now, "" when it was not."""

    job: str
    engine: str
    installed: bool
    chosen: bool
    version: str = ""
    model: str = ""
    licence: str = ""
    speed: str = ""
    problem: str = ""


def survey(settings: Settings, *, measure: bool = True) -> Iterator[Engine]:
    """Every engine, those chosen among them measured, each as soon as it is known."""
    yield _measured(_hearing(settings), lambda: _hearing_speed(settings), measure)
    for engine in _activities(settings):
        yield _measured(engine, lambda: _activity_speed(settings), measure)
    yield from _minds(settings, measure)
    for engine in _voices(settings):
        yield _measured(engine, lambda: _voice_speed(settings), measure)


def _measured(engine: Engine, speed: Callable[[], str], measure: bool) -> Engine:
    if not (engine.chosen and engine.installed and measure):
        return engine
    try:
        return replace(engine, speed=speed())
    except VoicebotError as error:
        return replace(engine, problem=str(error))


def _hearing(settings: Settings) -> Engine:
    path = settings.in_project(settings.speech.model)
    return Engine(
        "hearing", "vosk", _there("vosk"), True, _version("vosk"), path.name, _licence(settings, path, "Apache-2.0")
    )


def _activities(settings: Settings) -> Iterator[Engine]:
    silero = _there("silero_vad")
    wanted = settings.speech.activity
    chosen = wanted if wanted != "auto" else "silero" if silero else "webrtc"
    yield Engine(
        "voice activity", "silero", silero, chosen == "silero", _version("silero-vad"), "silero_vad.onnx", "MIT"
    )
    installed, version = _there("webrtcvad"), _version("webrtcvad-wheels")
    yield Engine("voice activity", "webrtc", installed, chosen == "webrtc", version, "", "MIT and BSD-3-Clause")


def _minds(settings: Settings, measure: bool) -> Iterator[Engine]:
    """Both intent engines; the embedded one always stands behind the other, so it is measured in any case."""
    own = Engine("understanding", "embedded", True, settings.nlu.engine == "embedded", _version("scikit-learn"))
    own = replace(own, model="trained from nlu_data", licence="Apache-2.0; scikit-learn: BSD-3-Clause")
    if measure:
        embedded = settings.model_copy(update={"nlu": settings.nlu.model_copy(update={"engine": "embedded"})})
        own = _measured(replace(own, chosen=True), lambda: _mind_speed(embedded), measure)
    yield replace(own, chosen=settings.nlu.engine == "embedded")
    chosen = settings.nlu.engine == "rasa"
    rasa = Engine("understanding", "rasa", chosen, chosen, "", "at its own address", "Apache-2.0")
    yield _measured(rasa, lambda: _mind_speed(settings), measure)


def _voices(settings: Settings) -> Iterator[Engine]:
    from voicebot.speech.flite import version

    spoken = settings.spoken
    voice = {str(spoken.synthesiser): spoken.voice or ""}
    path = settings.in_project(Path(voice.get("piper", "")))
    own = _licence(settings, path, "")
    rows = (
        ("espeak", "espeak-ng", _there("espeakng_loader"), _espeak_version(), "GPL-3.0-or-later"),
        (
            "piper",
            "piper",
            _there("piper"),
            _version("piper-tts"),
            f"GPL-3.0-or-later; voice: {own}".removesuffix("; voice: "),
        ),
        ("flite", "flite", shutil.which("flite") is not None, version(), "BSD-like"),
    )
    for key, name, installed, number, licence in rows:
        model = path.name if key == "piper" and key in voice else voice.get(key, "")
        yield Engine("voice", name, installed, key in voice, number, model, licence)


def _hearing_speed(settings: Settings) -> str:
    from voicebot.speech.recogniser import Hints

    recogniser, speech = load.recogniser(settings), _speech()
    recognition = recogniser.open(_RATE, Hints("survey"))
    begin = time.perf_counter()
    for start in range(0, len(speech), _RATE // 10):
        recognition.accept(speech[start : start + _RATE // 10])
    last = time.perf_counter()
    recognition.finish()
    end = time.perf_counter()
    share = (end - begin) * _RATE / len(speech)
    return f"{share:.3f} s per second of speech, result {1000 * (end - last):.0f} ms after its end"


def _activity_speed(settings: Settings) -> str:
    detector: Any = load.detector(settings)
    state, windows = detector.open(_RATE), _windows(_speech())
    begin = time.perf_counter()
    for window in windows:
        detector.run([(state, window)])
    return f"{1000 * (time.perf_counter() - begin) / len(windows):.2f} ms a window of 32 ms"


def _mind_speed(settings: Settings) -> str:
    interpreter = load.interpreter(settings)

    async def ask() -> list[float]:
        took = []
        for _ in range(20):
            begin = time.perf_counter()
            await interpreter.interpret(QUESTION, deadline_ms=settings.nlu.deadline_ms)
            took.append(1000 * (time.perf_counter() - begin))
        return took

    return f"{np.median(asyncio.run(ask())):.1f} ms an utterance (median of 20)"


def _voice_speed(settings: Settings) -> str:
    synthesiser = load.synthesiser(settings)
    list(synthesiser.speak("Hello."))
    begin = time.perf_counter()
    first = 0.0
    seconds = 0.0
    for piece in synthesiser.speak(SENTENCE):
        first = first or time.perf_counter() - begin
        seconds += len(piece.samples) / piece.rate
    share = (time.perf_counter() - begin) / max(seconds, 0.001)
    return f"{share:.3f} s per second of speech, first words after {1000 * first:.0f} ms"


def _speech() -> Samples:
    """A sentence at 8 kHz, spoken by espeak-ng, which is always there."""
    from voicebot.speech.espeak import EspeakSynthesiser
    from voicebot.speech.prompt_audio import PromptAudio

    pieces = PromptAudio(EspeakSynthesiser(), _RATE).render(SENTENCE, keep=False)
    return np.concatenate([piece.samples for piece in pieces])


def _windows(speech: Samples) -> list[Samples]:
    size = _RATE * 32 // 1000
    return [speech[start : start + size] for start in range(0, len(speech) - size + 1, size)]


def _there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _espeak_version() -> str:
    from voicebot.speech import espeak_library

    try:
        with espeak_library.loaded() as library:
            return library.version()
    except VoicebotError:
        return ""


def _licence(settings: Settings, path: Path, otherwise: str) -> str:
    """The licence of the model at `path`: as recorded when it was installed, or of the one that comes with voicebot."""
    if path.name == "vosk-en-8k-mini":
        return "CC-BY-SA-4.0"
    shelf = Shelf(settings.models_shelf)
    known = {shelf.path(record.name).resolve(): record.licence for record in shelf.installed()}
    return known.get(path.resolve(), otherwise and f"{otherwise}; the model's own: not known here")
