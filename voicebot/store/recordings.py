"""The recordings of a data directory: making them, finding them, reading them."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

import numpy as np

from voicebot.audio.frame import FRAMES_PER_SECOND, frame_length
from voicebot.store.recording_format import (
    CHANNELS,
    FRAMES_PER_BLOCK,
    HEADER_SIZE,
    Block,
    Header,
    RecordingError,
    unpack_block,
    unpack_header,
)
from voicebot.store.recording_writer import RecordingWriter

SUFFIX: Final = ".rec"


class RecordingStore:
    """The recordings under one directory. One worker thread writes for all calls of the process."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="recording")
        self._begun: set[Path] = set()

    def start(self, call_id: str, *, rate: int, first_frame: int, started_at: datetime) -> RecordingWriter:
        """Begin to record a call from its frame `first_frame` on; `started_at` is the time of its frame 0.

        A call that is recorded again after a pause gets a further file. Never waits for the disk.
        """
        path = self._free_path(call_id)
        self._begun.add(path)
        return RecordingWriter(path, Header(call_id, rate, first_frame, started_at), self._worker)

    def list(self) -> list[Path]:
        """The files, by name."""
        return sorted(self.directory.glob(f"*{SUFFIX}"))

    def find(self, name: str) -> Path:
        """The file of a recording, named by call id, file name or path. Raises RecordingError."""
        for path in (self.directory / f"{stem(name)}{SUFFIX}", self.directory / name, Path(name)):
            if path.is_file():
                return path
        raise RecordingError(f"there is no recording {name!r}; voicebot recording list shows what there is")

    def close(self) -> None:
        """Wait until everything is on the disk."""
        self._worker.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _free_path(self, call_id: str) -> Path:
        path, number = self.directory / f"{stem(call_id)}{SUFFIX}", 1
        while path in self._begun or path.exists():
            number += 1
            path = self.directory / f"{stem(call_id)}.{number}{SUFFIX}"
        return path


def stem(call_id: str) -> str:
    """A call id as part of a file name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", call_id).lstrip(".") or "_"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording on disk, made or in the making. What is broken in it is skipped."""

    path: Path
    header: Header
    block_count: int

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the header. Raises RecordingError."""
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                header = unpack_header(file.read(HEADER_SIZE))
        except OSError as error:
            raise RecordingError(f"{path}: {error.strerror}") from None
        except RecordingError as error:
            raise RecordingError(f"{path}: {error}") from None
        return cls(path, header, -(-(size - HEADER_SIZE) // header.block_size))

    def blocks(self, *, backwards: bool = False) -> Iterator[Block]:
        """The whole blocks, a second each, in order or from the end. Raises OSError."""
        order = range(self.block_count)
        with self.path.open("rb") as file:
            for index in reversed(order) if backwards else order:
                file.seek(self.header.offset(index))
                block = unpack_block(self.header, index, file.read(self.header.block_size))
                if block is not None:
                    yield block

    @property
    def begins_at(self) -> datetime:
        """The time of the first frame recorded."""
        return self.header.started_at + timedelta(seconds=self.header.first_frame / FRAMES_PER_SECOND)

    @property
    def duration_s(self) -> float:
        """Seconds up to the end of the last whole block."""
        last = next(self.blocks(backwards=True), None)
        return last.index + len(last.samples) / self.header.rate if last else 0.0

    def export_wav(self, out: Path) -> int:
        """Write a stereo WAV file (caller left); the seconds that were missing, and are silent in it.

        Raises RecordingError.
        """
        silence = np.zeros((FRAMES_PER_BLOCK * frame_length(self.header.rate), CHANNELS), np.int16).tobytes()
        expected = missing = 0
        try:
            with out.open("wb") as file, wave.open(file, "wb") as wav:
                wav.setnchannels(CHANNELS)
                wav.setsampwidth(2)
                wav.setframerate(self.header.rate)
                for block in self.blocks():
                    wav.writeframes(silence * (block.index - expected))
                    wav.writeframes(block.samples.tobytes())
                    missing += block.index - expected
                    expected = block.index + 1
        except OSError as error:
            raise RecordingError(f"{error.filename or out}: {error.strerror}") from None
        return missing
