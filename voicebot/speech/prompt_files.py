"""Synthesised prompts on disk, so that a start need not synthesise them again.

A file is a magic line, a line of JSON (rate, sample count, CRC-32 of the samples, word marks) and 16-bit little-endian
samples. Its name is a hash of voice, rate and text; the text itself is not in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import structlog

from voicebot.speech.synthesiser import SpeechAudio, WordMark

log = structlog.get_logger()

_MAGIC: Final = b"voicebot prompt 1\n"


class PromptFiles:
    """The prompts of one voice at one rate in a directory. Nothing here fails: a cache is only a cache."""

    def __init__(self, directory: Path, voice: str, rate: int) -> None:
        self._directory, self._voice, self._rate = directory, voice, rate
        self._warned = False

    def path(self, text: str) -> Path:
        """Where the audio of `text` belongs."""
        key = json.dumps([self._voice, self._rate, text])
        return self._directory / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.prompt"

    def read(self, text: str) -> SpeechAudio | None:
        """The audio of `text`; None when it is not there or its file is damaged."""
        try:
            content = self.path(text).read_bytes()
        except OSError:
            return None
        try:
            return self._parse(text, content)
        except (ValueError, KeyError, TypeError):
            log.info("a damaged file of the prompt cache is made again", file=self.path(text).name)
            return None

    def write(self, audio: SpeechAudio) -> None:
        """Keep `audio`; a reader sees the whole file or none."""
        samples = audio.samples.astype("<i2", copy=False).tobytes()
        head = {
            "rate": audio.rate,
            "count": len(audio.samples),
            "crc": zlib.crc32(samples),
            "marks": [[mark.char, mark.sample] for mark in audio.marks],
        }
        content = _MAGIC + json.dumps(head).encode() + b"\n" + samples
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            _replace(self.path(audio.text), content)
        except OSError as error:
            if not self._warned:
                log.warning("the prompt cache cannot be written", directory=str(self._directory), error=error.strerror)
            self._warned = True

    def _parse(self, text: str, content: bytes) -> SpeechAudio:
        if not content.startswith(_MAGIC):
            raise ValueError("another kind of file")
        line, found, samples = content[len(_MAGIC) :].partition(b"\n")
        head = json.loads(line)
        intact = len(samples) == 2 * head["count"] and zlib.crc32(samples) == head["crc"]
        if not found or not intact or head["rate"] != self._rate:
            raise ValueError("damaged")
        marks = tuple(WordMark(int(char), int(sample)) for char, sample in head["marks"])
        return SpeechAudio(text, np.frombuffer(samples, "<i2").astype(np.int16, copy=False), self._rate, marks)


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
