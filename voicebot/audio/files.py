"""Audio files in and out: WAV and FLAC of any kind to 16-bit mono samples, and back to WAV."""

from __future__ import annotations

import struct
import wave
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frame import Samples
from voicebot.audio.level import saturate
from voicebot.audio.resample import resample
from voicebot.errors import VoicebotError

if TYPE_CHECKING:
    import soundfile

MAX_SECONDS: Final = 3600.0
_BLOCK: Final = 4096
_RATES: Final = range(1000, 384_001)
_OPEN_ENDED: Final = 0xFFFFFFFF
"""Chunk size that writers to a pipe leave in a WAV header."""


class AudioFileError(VoicebotError):
    """An audio file cannot be read or written; the message says which, why and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Mono samples at `rate` Hz; `notes` say in a sentence each what was changed or is missing."""

    samples: Samples
    rate: int
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.samples) / self.rate


def read_audio(path: Path | str, *, max_seconds: float = MAX_SECONDS) -> Audio:
    """A WAV or FLAC file (8 to 32 bits, float, any rate, any channels) as 16-bit mono at its own rate.

    Channels are averaged, a truncated file gives what is there, values that are not numbers become silence: each
    with a note. Raises AudioFileError when nothing can be used, or for more than `max_seconds` of audio.
    """
    path = Path(path)
    _check_exists(path)
    import soundfile

    try:
        with path.open("rb", buffering=0) as raw:
            missing = _missing_bytes(raw)
            raw.seek(0)
            with soundfile.SoundFile(raw.fileno(), closefd=False) as source:
                return _read(path, source, missing > 0, max_seconds)
    except OSError as error:
        raise AudioFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    except soundfile.LibsndfileError as error:
        raise AudioFileError(f"{path} is not an audio file that can be read; give a WAV or FLAC file.") from error


def read_audio_at(path: Path | str, rate: int, *, max_seconds: float = MAX_SECONDS) -> Audio:
    """As `read_audio`, converted to `rate` Hz."""
    audio = read_audio(path, max_seconds=max_seconds)
    if audio.rate == rate:
        return audio
    note = f"converted from {audio.rate} to {rate} Hz"
    return Audio(resample(audio.samples, audio.rate, rate), rate, (*audio.notes, note))


def write_wav(path: Path | str, samples: Samples, rate: int) -> None:
    """Write 16-bit mono samples as a WAV file. Raises AudioFileError."""
    try:
        with Path(path).open("wb") as raw, wave.open(raw, "wb") as target:
            target.setnchannels(1)
            target.setsampwidth(2)
            target.setframerate(rate)
            target.writeframes(samples.astype("<i2", copy=False).tobytes())
    except OSError as error:
        raise AudioFileError(f"{path} cannot be written: {error.strerror or error}.") from error


def _check_exists(path: Path) -> None:
    if path.is_dir():
        raise AudioFileError(f"{path} is a directory; give a WAV or FLAC file.")
    if not path.exists():
        raise AudioFileError(f"{path} does not exist.")
    if not path.is_file():
        raise AudioFileError(f"{path} is not a regular file; give a WAV or FLAC file.")
    if path.stat().st_size == 0:
        raise AudioFileError(f"{path} is empty.")


def _read(path: Path, source: soundfile.SoundFile, truncated: bool, max_seconds: float) -> Audio:
    rate = source.samplerate
    if rate not in _RATES:
        raise AudioFileError(f"{path} has a sample rate of {rate} Hz; 1000 to 384000 Hz can be read.")
    limit = int(max_seconds * rate)
    blocks, odd, broken = _read_blocks(source, limit)
    samples = np.concatenate(blocks) if blocks else np.empty(0, np.int16)
    if len(samples) > limit:
        raise AudioFileError(f"{path} is longer than {max_seconds:g} s; cut it into shorter files.")
    if not len(samples):
        raise AudioFileError(f"{path} holds no audio.")
    return Audio(samples, rate, _notes(source.channels, truncated or broken, odd, len(samples) / rate))


def _read_blocks(source: soundfile.SoundFile, limit: int) -> tuple[list[Samples], bool, bool]:
    """Mono blocks up to one past `limit` samples, whether a value was no number, and whether reading broke off."""
    import soundfile

    blocks: list[Samples] = []
    odd, read = False, 0
    while read <= limit:
        try:
            block = source.read(_BLOCK, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:
            return blocks, odd, True
        if not len(block):
            break
        finite = bool(np.isfinite(block).all())
        odd |= not finite
        blocks.append(_to_mono(block if finite else np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)))
        read += len(block)
    return blocks, odd, False


def _to_mono(block: NDArray[np.float32]) -> Samples:
    """Shape (n, channels), full scale 1.0, to 16 bits; exact for 16-bit mono."""
    mono = block[:, 0] if block.shape[1] == 1 else np.clip(block, -1, 1).mean(axis=1)
    return saturate(mono * np.float32(32768))


def _notes(channels: int, truncated: bool, odd: bool, seconds: float) -> tuple[str, ...]:
    notes = []
    if channels > 1:
        notes.append(f"{channels} channels averaged to one")
    if truncated:
        notes.append(f"the file is truncated; the first {seconds:.2f} s are used")
    if odd:
        notes.append("values that are not finite numbers were replaced")
    return tuple(notes)


def _missing_bytes(raw: FileIO) -> int:
    """How many bytes of its audio a WAV file lacks (RIFF chunks, Microsoft 1991); 0 for other formats."""
    if struct.unpack("<4s4x4s", raw.read(12).ljust(12)) != (b"RIFF", b"WAVE"):
        return 0
    while len(header := raw.read(8)) == 8:
        name, size = struct.unpack("<4sI", header)
        if name == b"data":
            start = raw.tell()
            return 0 if size == _OPEN_ENDED else max(0, start + size - raw.seek(0, 2))
        raw.seek(size + size % 2, 1)
    return 0
