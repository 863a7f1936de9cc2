"""Speech recognition with Vosk (Kaldi): streaming, runtime grammars, n-best, word times and confidences.

Vosk gives either word confidences (from its lattice) or alternatives, not both. Alternatives with their scores allow
both: a word's confidence is the share of probability of the alternatives that hold it at that time (a posterior over
an n-best list; Wessel et al., "Confidence measures for large vocabulary continuous speech recognition", 2001).
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from voicebot.audio.frame import RATES, Samples
from voicebot.audio.resample import StreamResampler
from voicebot.speech.nbest import UNKNOWN, Reading, join, readings_of, transcription
from voicebot.speech.recogniser import Hints, RecogniserError, Transcription
from voicebot.speech.vosk_model import VoskModelFiles, inspect_model

if TYPE_CHECKING:
    from vosk import KaldiRecognizer, Model

log = structlog.get_logger()

_QUIET: Final = -2
"""Kaldi's log level below warnings."""
_ALTERNATIVES: Final = 50
"""Enough that the confidences come close to those of the lattice; 10 leave them too high for long utterances."""
_GRAMMARS_KEPT: Final = 64

_models: dict[Path, Model] = {}
_models_lock = threading.Lock()


class VoskRecogniser:
    """A Vosk model. `open` may be called from any thread; all recognitions share the one model in memory."""

    def __init__(self, model: Path | str) -> None:
        """Load the model in the directory `model`, unless this process has. Raises RecogniserError."""
        self._files = inspect_model(model)
        self._model = _load(self._files)
        self._name = f"vosk/{self._files.directory.resolve().name}"
        self._grammars: dict[Hints, str | None] = {}
        self._has_unknown = self.knows(UNKNOWN)
        self._said_fixed = False

    @property
    def name(self) -> str:
        """Engine and model directory."""
        return self._name

    @property
    def rate(self) -> int:
        """Sample rate that the model was made for, Hz."""
        return self._files.rate

    def knows(self, word: str) -> bool:
        """Whether the model can hear `word` at all."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def unknown_words(self, hints: Hints) -> tuple[str, ...]:
        """The words of `hints` that the model cannot hear, sorted."""
        words = {word for phrase in hints.phrases for word in phrase.split()} - {UNKNOWN}
        return tuple(sorted(word for word in words if not self.knows(word)))

    def open(self, rate: int, hints: Hints) -> VoskRecognition:
        """Start an utterance of `rate` Hz audio. Raises RecogniserError."""
        if rate not in RATES:
            raise RecogniserError(f"Audio of {rate} Hz cannot be recognised; give 8000 or 16000 Hz.")
        # libvosk converts 16 kHz audio to 8 kHz itself, not the other way round.
        resampler = StreamResampler(rate, self._files.rate) if rate < self._files.rate else None
        engine_rate = self._files.rate if resampler else rate
        return VoskRecognition(self._recogniser(engine_rate, self._grammar(hints)), resampler, self._name)

    def _recogniser(self, rate: int, grammar: str | None) -> KaldiRecognizer:
        from vosk import KaldiRecognizer

        arguments = (self._model, rate) if grammar is None else (self._model, rate, grammar)
        try:
            recogniser = KaldiRecognizer(*arguments)
        except Exception as error:
            raise _unusable(self._files) from error
        recogniser.SetWords(True)
        recogniser.SetMaxAlternatives(_ALTERNATIVES)
        return recogniser

    def _grammar(self, hints: Hints) -> str | None:
        """The runtime grammar as libvosk wants it; None: the model's own language model."""
        if hints not in self._grammars:
            if len(self._grammars) >= _GRAMMARS_KEPT:
                self._grammars.clear()
            self._grammars[hints] = self._make_grammar(hints)
        return self._grammars[hints]

    def _make_grammar(self, hints: Hints) -> str | None:
        if not hints.phrases:
            return None
        if not self._files.takes_grammars:
            self._say_fixed()
            return None
        unknown = self.unknown_words(hints)
        if unknown:
            log.debug("words that the speech model does not know", hints=hints.name, model=self._name, words=unknown)
        phrases = _without(set(unknown), hints.phrases, UNKNOWN if self._has_unknown else "")
        if not phrases:
            log.warning("no phrase that the speech model knows; its own language model decides", hints=hints.name)
            return None
        return json.dumps([*phrases, UNKNOWN] if self._has_unknown else phrases)

    def _say_fixed(self) -> None:
        if not self._said_fixed:
            self._said_fixed = True
            log.info("the speech model has a fixed graph: its own language model decides, not hints", model=self._name)


class VoskRecognition:
    """One utterance. Vosk ends a segment at a pause of its own choosing; the segments are put together here."""

    def __init__(self, recogniser: KaldiRecognizer, resampler: StreamResampler | None, engine: str) -> None:
        self._recogniser: KaldiRecognizer | None = recogniser
        self._resampler = resampler
        self._engine = engine
        self._readings: tuple[Reading, ...] = ()

    def accept(self, samples: Samples) -> str:
        """Take the next block; the text so far, `[unk]` included. Raises RecogniserError."""
        recogniser = self._running()
        if self._resampler is not None:
            samples = self._resampler.process(samples)
        try:
            ended = len(samples) and recogniser.AcceptWaveform(samples.astype("<i2", copy=False).tobytes())
        except Exception as error:
            raise RecogniserError("Vosk could not process a block of audio; the call goes on without it.") from error
        if ended:
            self._take(recogniser.Result())
            return self._text()
        partial = str(json.loads(recogniser.PartialResult()).get("partial", ""))
        return f"{self._text()} {partial}".strip()

    def finish(self) -> Transcription:
        """End the utterance. Raises RecogniserError when it has ended before."""
        self._take(self._running().FinalResult())
        self._recogniser = None
        return transcription(self._readings, self._engine)

    def _running(self) -> KaldiRecognizer:
        if self._recogniser is None:
            raise RecogniserError("The utterance has ended; open another one.")
        return self._recogniser

    def _take(self, result: str) -> None:
        segment: dict[str, Any] = json.loads(result)
        self._readings = join(self._readings, readings_of(segment))

    def _text(self) -> str:
        return self._readings[0].text if self._readings else ""


def _load(files: VoskModelFiles) -> Model:
    """The model of a directory, loaded once a process."""
    path = files.directory.resolve()
    with _models_lock:
        if path not in _models:
            _models[path] = _read(files)
        return _models[path]


def _read(files: VoskModelFiles) -> Model:
    try:
        import vosk
    except (ImportError, OSError) as error:
        raise RecogniserError(f"Vosk cannot be loaded ({error}); install it with `pip install vosk`.") from error
    vosk.SetLogLevel(_QUIET)
    try:
        model = vosk.Model(str(files.directory))
        vosk.KaldiRecognizer(model, files.rate)
    except Exception as error:
        raise _unusable(files) from error
    return model


def _unusable(files: VoskModelFiles) -> RecogniserError:
    return RecogniserError(
        f"Vosk cannot use the speech model in {files.directory}; unpack it again, or choose another with the setting "
        "speech.model."
    )


def _without(unknown: set[str], phrases: tuple[str, ...], instead: str) -> list[str]:
    """`phrases` with `instead` in the place of unknown words; those of nothing else are left out."""
    kept = []
    for phrase in phrases:
        words = phrase.split()
        if any(word not in unknown for word in words):
            kept.append(" ".join(instead if word in unknown else word for word in words).strip())
    return kept
