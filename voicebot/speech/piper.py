"""Piper voices (ONNX): natural speech where the processor can afford it.

piper-tts is GPL-3.0-or-later and imported only here, when a Piper voice is chosen.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voicebot.audio.frame import Samples
from voicebot.speech.clauses import split_clauses
from voicebot.speech.synthesiser import SpeechAudio, SynthesiserError

if TYPE_CHECKING:
    from piper import PiperVoice

PEAK: Final = 0.5
"""Every clause is scaled to this share of full scale: -6 dBFS."""

_CLAUSE_PAUSE_S: Final = 0.12
_SENTENCE_PAUSE_S: Final = 0.28
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class PiperSynthesiser:
    """Speaks with one Piper voice, clause by clause; no word marks. Runs of several threads go in parallel."""

    def __init__(
        self, voice: Path | str, *, speaker: int | None = None, length_scale: float = 1.0, threads: int = 1
    ) -> None:
        """`voice` is the .onnx file, its settings beside it in .onnx.json; `length_scale` 1.2 is slower.

        Raises SynthesiserError.
        """
        path = Path(voice)
        self._voice = _load(path, threads)
        self._speaker, self._length_scale = speaker, length_scale
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
        self._name = f"piper/{path.stem}-{digest}/{speaker or 0}/{length_scale:g}"

    @property
    def name(self) -> str:
        """Voice file and its hash, speaker and speed."""
        return self._name

    def speak(self, text: str) -> Iterator[SpeechAudio]:
        """`text` clause by clause at the voice's rate, each with a pause after it but the last."""
        rate: int = self._voice.config.sample_rate
        clauses = split_clauses(text)
        for index, clause in enumerate(clauses):
            samples = self._speak_clause(clause)
            if index < len(clauses) - 1:
                pause_s = _SENTENCE_PAUSE_S if clause.rstrip().endswith((".", "!", "?")) else _CLAUSE_PAUSE_S
                samples = np.concatenate((samples, np.zeros(int(pause_s * rate), np.int16)))
            yield SpeechAudio(clause, samples, rate)

    def _speak_clause(self, clause: str) -> Samples:
        from piper import SynthesisConfig

        settings = SynthesisConfig(speaker_id=self._speaker, length_scale=self._length_scale, volume=PEAK)
        # "[[" would begin phonemes.
        spoken = _CONTROL.sub(" ", clause).replace("[[", "[ [")
        try:
            chunks = [chunk.audio_int16_array for chunk in self._voice.synthesize(spoken, settings)]
        except Exception as error:  # onnxruntime and piper raise what they like
            reason = type(error).__name__
            raise SynthesiserError(f"Piper could not speak a text of {len(clause)} characters ({reason}).") from error
        return np.concatenate(chunks) if chunks else np.empty(0, np.int16)


def _load(path: Path, threads: int) -> PiperVoice:
    try:
        import onnxruntime
        from piper import PiperVoice
        from piper.config import PiperConfig
    except ImportError as error:
        raise SynthesiserError("A Piper voice needs piper-tts; install it with `pip install piper-tts`.") from error
    settings = _read_settings(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return PiperVoice(session=session, config=PiperConfig.from_dict(settings))
    except KeyError as error:
        raise SynthesiserError(f"{path}.json lacks {error}; download the voice again.") from error
    except Exception as error:  # onnxruntime raises what it likes
        raise SynthesiserError(f"{path} is not a Piper voice that can be loaded; download it again.") from error


def _read_settings(path: Path) -> dict[str, Any]:
    """What stands beside the voice in .onnx.json."""
    beside = path.with_name(path.name + ".json")
    for needed in (path, beside):
        if not needed.is_file():
            raise SynthesiserError(f"{needed} does not exist; a Piper voice is an .onnx file and its .onnx.json.")
    try:
        settings = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SynthesiserError(f"{beside} cannot be read as JSON; download the voice again.") from error
    if not isinstance(settings, dict):
        raise SynthesiserError(f"{beside} is not the settings of a Piper voice; download the voice again.")
    return settings
