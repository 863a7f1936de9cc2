"""Writing a recording while its call runs, without ever making the call wait.

Frames are gathered in memory for a second, then one worker thread writes the block and syncs it, so that a crash costs
at most the second being gathered and the one being written. What must be silenced is silenced in memory if it is
still there, and in the file otherwise.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import numpy as np

from voicebot.audio.frame import Samples, frame_length
from voicebot.logs import call_log
from voicebot.store.recording_format import (
    CHANNELS,
    FRAMES_PER_BLOCK,
    Block,
    Header,
    Stereo,
    pack_block,
    pack_header,
    unpack_block,
)


class RecordingWriter:
    """One recording being made. Frames are those of the call; all methods belong to one thread and never wait.

    `worker` runs one job at a time, in order. `error` is the first failure of the disk, or None; a block that could
    not be written is missing in the file, and the rest goes on. Where what is sensitive cannot be silenced, no
    recording stays.
    """

    def __init__(self, path: Path, header: Header, worker: Executor) -> None:
        self.path = path
        self.error: OSError | None = None
        self._header = header
        self._worker = worker
        self._length = frame_length(header.rate)
        self._file = -1
        self._index = 0
        self._gathered: list[bool] = []  # a flag a frame in `_samples`: whether it was silenced
        self._samples = self._empty()
        self._silent_from: int | None = None
        self._silent: list[tuple[int, int]] = []
        self._exposed: list[tuple[int, int]] = []
        self._do(self._open)

    @property
    def next_frame(self) -> int:
        """The call's frame that the next `write` is about."""
        return self._header.first_frame + self._index * FRAMES_PER_BLOCK + len(self._gathered)

    def write(self, left: Samples, right: Samples) -> None:
        """Record a frame: the caller, and the other side; 20 ms each."""
        silenced = self._is_silent(self.next_frame)
        at = len(self._gathered) * self._length
        if not silenced:
            self._samples[at : at + self._length, 0] = left
            self._samples[at : at + self._length, 1] = right
        self._gathered.append(silenced)
        if len(self._gathered) == FRAMES_PER_BLOCK:
            self._put_block()

    def mask(self, start: int, end: int | None) -> None:
        """Silence both sides from the call's frame `start` to `end` (exclusive), recorded already or still to come.

        With None it lasts until `mask` is called with the same `start` and an end.
        """
        if end is None:
            self._silent_from = start if self._silent_from is None else min(start, self._silent_from)
        else:
            if self._silent_from == start:
                self._silent_from = None
            if end > self.next_frame:
                self._silent.append((start, end))
        first = max(start, self._header.first_frame)
        self._silence(first, min(self.next_frame, self.next_frame if end is None else end))

    def close(self) -> None:
        """End the recording; the worker writes what is left."""
        if self._gathered:
            self._put_block()
        self._do(self._close)

    def _empty(self) -> Stereo:
        return np.zeros((FRAMES_PER_BLOCK * self._length, CHANNELS), np.int16)

    def _is_silent(self, frame: int) -> bool:
        if self._silent_from is not None and frame >= self._silent_from:
            return True
        self._silent = [span for span in self._silent if frame < span[1]] if self._silent else self._silent
        return any(start <= frame for start, _ in self._silent)

    def _silence(self, start: int, end: int) -> None:
        """Silence the frames start..end, all of them recorded already."""
        gathered_from = self.next_frame - len(self._gathered)
        for frame in range(max(start, gathered_from), end):
            at = (frame - gathered_from) * self._length
            self._samples[at : at + self._length] = 0
            self._gathered[frame - gathered_from] = True
        first = self._header.first_frame
        if start < min(end, gathered_from):
            self._do(lambda: self._hide(start - first, min(end, gathered_from) - first))

    def _put_block(self) -> None:
        """Hand the gathered frames to the worker."""
        samples = self._samples[: len(self._gathered) * self._length]
        block = Block(self._index, samples, any(self._gathered))
        self._samples, self._gathered, self._index = self._empty(), [], self._index + 1
        self._do(lambda: self._write_block(block))

    def _do(self, job: Callable[[], None]) -> None:
        self._worker.submit(self._guarded, job)

    # --- in the worker thread -----------------------------------------------------------------------------------

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except OSError as error:
            if self.error is None:
                self.error = error
                call_log(self._header.call_id).error("recording not written", reason=error.strerror)

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.pwrite(self._file, pack_header(self._header), 0)
        os.fdatasync(self._file)

    def _write_block(self, block: Block) -> None:
        data = pack_block(self._header, block)
        written = os.pwrite(self._file, data, self._header.offset(block.index))
        if written < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fdatasync(self._file)

    def _hide(self, start: int, end: int) -> None:
        """Silence frames on the disk; what the disk does not take now is tried again at the end."""
        try:
            self._rewrite(start, end)
        except OSError:
            self._exposed.append((start, end))
            raise

    def _rewrite(self, start: int, end: int) -> None:
        """Silence frames start..end, counted from the first recorded one, in blocks that are on the disk."""
        for index in range(start // FRAMES_PER_BLOCK, (end - 1) // FRAMES_PER_BLOCK + 1):
            data = os.pread(self._file, self._header.block_size, self._header.offset(index))
            block = unpack_block(self._header, index, data)
            if block is None:  # damaged, but there may be something of it
                os.pwrite(self._file, bytes(len(data)), self._header.offset(index))
                continue
            samples = block.samples.copy()
            at = index * FRAMES_PER_BLOCK
            samples[max(0, start - at) * self._length : (end - at) * self._length] = 0
            self._write_block(replace(block, samples=samples, silenced=True))

    def _close(self) -> None:
        if self._file < 0:
            return
        try:
            for start, end in self._exposed:
                self._rewrite(start, end)
        except OSError:
            self.path.unlink()
            call_log(self._header.call_id).error("recording removed: what is sensitive in it could not be silenced")
        finally:
            os.close(self._file)
            self._file = -1
