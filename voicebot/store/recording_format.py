r"""The file of a recorded call: a header, then blocks of one second, each whole in itself and all of one size.

All numbers are little-endian. Block `i` begins at byte `header size + i * block size`, so seeking is arithmetic, a
broken or missing block costs one second, and a block can be rewritten (silenced) in place.

Header, 256 bytes:

    0  9s  magic "VBREC\r\n\x1a\n"      31  u16  milliseconds of a frame (20)
    9  u16 version (1)                  33  u64  first frame: index, in the call, of the first frame recorded
    11 u16 header size (256)            41  i64  start of the call's frame 0, in ms since 1970 UTC
    13 u32 block size on disk           49  16s  key id (zeros: not encrypted)
    17 u32 sample rate in Hz            65  128s call id, UTF-8, padded with zeros
    21 u16 channels (2: left, right)    193      zeros
    23 u16 codec (1: PCM s16le)         252 u32  CRC-32 of bytes 0..251
    25 u16 frames of a full block (50)
    27 u32 zeros

Block, 64 bytes and the room for a full payload:

    0  4s  magic "VBLK"                 16 12s  nonce  (zeros: not encrypted)
    4  u32 index, from 0                28 16s  authentication tag (zeros: not encrypted)
    8  u16 flags: 1 silenced in part    44      zeros
    10 u16 frames in this block         60 u32  CRC-32 of bytes 0..59 and the payload
    12 u32 payload length in bytes      64      payload, then zeros up to the block size

The payload of codec 1 is interleaved 16-bit samples. A block has fewer than 50 frames only at the end of a recording.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frame import FRAME_MS, FRAMES_PER_SECOND, RATES, frame_length
from voicebot.errors import VoicebotError

Stereo = NDArray[np.int16]
"""Samples of both sides, shape (n, 2): caller, other side."""

MAGIC: Final = b"VBREC\r\n\x1a\n"
VERSION: Final = 1
PCM: Final = 1
CHANNELS: Final = 2
FRAMES_PER_BLOCK: Final = FRAMES_PER_SECOND
SILENCED: Final = 1

_HEADER: Final = struct.Struct("<9sHHIIHHHIHQq16s128s59x")
_BLOCK: Final = struct.Struct("<4sIHHI12s16s16x")
_CRC: Final = struct.Struct("<I")
_BLOCK_MAGIC: Final = b"VBLK"
HEADER_SIZE: Final = _HEADER.size + _CRC.size
BLOCK_HEADER_SIZE: Final = _BLOCK.size + _CRC.size


class RecordingError(VoicebotError):
    """A recording cannot be found, read or written; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is true of a whole recording. `rate` in Hz; `started_at` (aware) is the time of the call's frame 0."""

    call_id: str
    rate: int
    first_frame: int
    started_at: datetime

    @property
    def block_size(self) -> int:
        """Bytes that every block takes on disk."""
        return BLOCK_HEADER_SIZE + FRAMES_PER_BLOCK * frame_length(self.rate) * CHANNELS * 2

    def offset(self, index: int) -> int:
        """Where block `index` begins in the file."""
        return HEADER_SIZE + index * self.block_size


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Up to a second of both sides: samples of shape (frames * frame length, 2)."""

    index: int
    samples: Stereo
    silenced: bool = False


def pack_header(header: Header) -> bytes:
    """The first HEADER_SIZE bytes of a file."""
    started_ms = round(header.started_at.timestamp() * 1000)
    call_id = header.call_id.encode()[:128]
    fixed = (VERSION, HEADER_SIZE, header.block_size, header.rate, CHANNELS, PCM, FRAMES_PER_BLOCK, 0, FRAME_MS)
    body = _HEADER.pack(MAGIC, *fixed, header.first_frame, started_ms, bytes(16), call_id)
    return body + _CRC.pack(zlib.crc32(body))


def unpack_header(data: bytes) -> Header:
    """The header at the beginning of a file. Raises RecordingError, whose message still lacks the file's name."""
    if len(data) < HEADER_SIZE or not data.startswith(MAGIC):
        raise RecordingError("is no recording, or was cut off within its first bytes")
    body = data[: _HEADER.size]
    if _CRC.unpack_from(data, _HEADER.size) != (zlib.crc32(body),):
        raise RecordingError("has a damaged header")
    _, version, _, size, rate, channels, codec, frames, _, _, first, started_ms, key, call_id = _HEADER.unpack(body)
    header = Header(call_id.rstrip(b"\0").decode(errors="replace"), rate, first, moment(started_ms))
    known = version == VERSION and codec == PCM and channels == CHANNELS and rate in RATES and not any(key)
    if not known or frames != FRAMES_PER_BLOCK or size != header.block_size:
        raise RecordingError(f"is in a format (version {version}, codec {codec}) that this voicebot does not know")
    return header


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 as a time in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def pack_block(header: Header, block: Block) -> bytes:
    """A block as it stands on disk, `header.block_size` bytes."""
    payload = np.ascontiguousarray(block.samples, "<i2").tobytes()
    frames = len(block.samples) // frame_length(header.rate)
    flags = SILENCED if block.silenced else 0
    body = _BLOCK.pack(_BLOCK_MAGIC, block.index, flags, frames, len(payload), bytes(12), bytes(16))
    whole = body + _CRC.pack(zlib.crc32(payload, zlib.crc32(body))) + payload
    return whole.ljust(header.block_size, b"\0")


def unpack_block(header: Header, index: int, data: bytes) -> Block | None:
    """Block `index`, whose bytes are `data`; None when it is missing, cut off or damaged."""
    if len(data) < BLOCK_HEADER_SIZE:
        return None
    magic, number, flags, frames, length, _, _ = _BLOCK.unpack_from(data)
    payload = data[BLOCK_HEADER_SIZE : BLOCK_HEADER_SIZE + length]
    checked = zlib.crc32(payload, zlib.crc32(data[: _BLOCK.size]))
    if (magic, number, len(payload)) != (_BLOCK_MAGIC, index, length) or _CRC.unpack_from(data, _BLOCK.size)[
        0
    ] != checked:
        return None
    if length != frames * frame_length(header.rate) * CHANNELS * 2:
        return None
    return Block(index, np.frombuffer(payload, "<i2").reshape(-1, CHANNELS), bool(flags & SILENCED))
