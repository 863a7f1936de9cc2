"""Piper voices (ONNX): natural speech where the processor can afford it.

piper-tts is GPL-3.0-or-later and imported only here, when a Piper voice is chosen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.audio.frame import Samples
from voicebot.speech.clauses import split_clauses
from voicebot.speech.piper_marks import Phonemes, word_marks
from voicebot.speech.piper_settings import read_settings
from voicebot.speech.synthesiser import SpeechAudio, SynthesiserError, WordMark

if TYPE_CHECKING:
    from piper import AudioChunk, PiperVoice

PEAK: Final = 0.5
"""Every clause is scaled to this share of full scale: -6 dBFS."""

_CLAUSE_PAUSE_S: Final = 0.12
_SENTENCE_PAUSE_S: Final = 0.28
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class PiperSynthesiser:
    """Speaks with one Piper voice, clause by clause. Runs of several threads, and of several voices, go in parallel.

    Word marks come from voices that tell how long each phoneme is (patched with `piper.patch_voice_with_alignment`).
    """

    def __init__(
        self,
        voice: Path | str,
        *,
        speaker: int | None = None,
        length_scale: float | None = None,
        noise_scale: float | None = None,
        noise_w: float | None = None,
        threads: int = 1,
    ) -> None:
        """`voice` is the .onnx file, its settings beside it in .onnx.json; `length_scale` 1.2 is slower.

        `noise_scale` varies the sound, `noise_w` the lengths. None: as the voice's settings say. `threads`: within one
        run. Raises SynthesiserError.
        """
        path = Path(voice)
        self._voice = _load(path, threads)
        from piper import SynthesisConfig

        speakers: int = self._voice.config.num_speakers
        if speaker is not None and speaker >= max(1, speakers):
            raise SynthesiserError(f"{path} has {speakers} speakers, so there is no speaker {speaker}; count from 0.")
        self._settings = SynthesisConfig(
            speaker_id=speaker,
            length_scale=length_scale,
            noise_scale=noise_scale,
            noise_w_scale=noise_w,
            volume=PEAK,
        )
        self._aligned = len(self._voice.session.get_outputs()) > 1
        shown = "/".join(
            "-" if value is None else f"{value:g}" for value in (speaker, length_scale, noise_scale, noise_w)
        )
        self._name = f"piper/{path.stem}-{_fingerprint(path)}/{shown}"

    @property
    def name(self) -> str:
        """Voice file, a hash of it and its settings, speaker, speed and noise."""
        return self._name

    def speak(self, text: str) -> Iterator[SpeechAudio]:
        """`text` clause by clause at the voice's rate, each with a pause after it but the last."""
        rate: int = self._voice.config.sample_rate
        clauses = split_clauses(text)
        for index, clause in enumerate(clauses):
            samples, marks = self._speak_clause(clause)
            if index < len(clauses) - 1:
                pause_s = _SENTENCE_PAUSE_S if clause.rstrip().endswith((".", "!", "?")) else _CLAUSE_PAUSE_S
                samples = np.concatenate((samples, np.zeros(int(pause_s * rate), np.int16)))
            yield SpeechAudio(clause, samples, rate, marks)

    def _speak_clause(self, clause: str) -> tuple[Samples, tuple[WordMark, ...]]:
        # "[[" would begin phonemes.
        spoken = _CONTROL.sub(" ", clause).replace("[[", "[ [")
        try:
            chunks = list(self._voice.synthesize(spoken, self._settings, include_alignments=self._aligned))
        except Exception as error:  # onnxruntime and piper raise what they like
            reason = type(error).__name__
            raise SynthesiserError(f"Piper could not speak a text of {len(clause)} characters ({reason}).") from error
        if not chunks:
            return np.empty(0, np.int16), ()
        samples = np.concatenate([chunk.audio_int16_array for chunk in chunks])
        return samples, word_marks(clause, _phonemes(chunks), len(samples))


def _phonemes(chunks: list[AudioChunk]) -> Phonemes:
    """Each phoneme with its samples; empty when a chunk does not tell."""
    found: list[tuple[str, int]] = []
    for chunk in chunks:
        if chunk.phoneme_alignments is None:
            return ()
        if found:
            found.append((" ", 0))
        found.extend((aligned.phoneme, int(aligned.num_samples)) for aligned in chunk.phoneme_alignments)
    return tuple(found)


def _fingerprint(path: Path) -> str:
    """Changes with the voice or its settings, so that audio cached from another one is not used."""
    total = hashlib.sha256()
    for part in (path, path.with_name(path.name + ".json")):
        with part.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:8]


def _load(path: Path, threads: int) -> PiperVoice:
    try:
        import onnxruntime
        from piper import PiperVoice
        from piper.config import PiperConfig
    except ImportError as error:
        raise SynthesiserError("A Piper voice needs piper-tts; install it with `pip install piper-tts`.") from error
    settings = read_settings(path)
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
