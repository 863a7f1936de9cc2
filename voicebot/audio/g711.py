"""G.711 µ-law and A-law, as in ITU-T G.711 (tables 1 and 2) and the reference code of ITU-T G.191."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from voicebot.audio.frame import Samples

Octets = NDArray[np.uint8]


def encode_ulaw(samples: Samples) -> bytes:
    """16-bit linear PCM to µ-law, one octet a sample."""
    return _ulaw_codes().take(samples.view(np.uint16)).tobytes()


def decode_ulaw(octets: bytes) -> Samples:
    """µ-law to 16-bit linear PCM; shape (len(octets),)."""
    return _ulaw_values().take(np.frombuffer(octets, np.uint8))


def encode_alaw(samples: Samples) -> bytes:
    """16-bit linear PCM to A-law, one octet a sample."""
    return _alaw_codes().take(samples.view(np.uint16)).tobytes()


def decode_alaw(octets: bytes) -> Samples:
    """A-law to 16-bit linear PCM; shape (len(octets),)."""
    return _alaw_values().take(np.frombuffer(octets, np.uint8))


def _every_sample() -> NDArray[np.int32]:
    """All 16-bit values in the order of their bit patterns."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)


def _bit_length(values: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.frexp(values.astype(np.float64))[1].astype(np.int32)


@cache
def _ulaw_codes() -> Octets:
    linear = _every_sample()
    magnitude = np.minimum((np.where(linear < 0, ~linear, linear) >> 2) + 33, 0x1FFF)
    segment = _bit_length(magnitude) - 6
    code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0F)
    inverted = code ^ 0x7F
    codes: Octets = np.where(linear < 0, inverted, inverted | 0x80).astype(np.uint8)
    return codes


@cache
def _ulaw_values() -> Samples:
    code = np.arange(256) ^ 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


@cache
def _alaw_codes() -> Octets:
    linear = _every_sample()
    magnitude = np.where(linear < 0, ~linear, linear) >> 4
    segment = np.maximum(_bit_length(magnitude) - 4, 0)
    mantissa = (magnitude >> np.maximum(segment - 1, 0)) & 0x0F
    code = (segment << 4) | mantissa
    codes: Octets = (np.where(linear < 0, code, code | 0x80) ^ 0x55).astype(np.uint8)
    return codes


@cache
def _alaw_values() -> Samples:
    code = np.arange(256) ^ 0x55
    segment = (code >> 4) & 7
    mantissa = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment > 0, (mantissa + 0x100) << np.maximum(segment - 1, 0), mantissa)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)
