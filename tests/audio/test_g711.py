"""G.711 against known values and the codec of libsndfile."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from voicebot.audio.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw

EVERY_OCTET = bytes(range(256))
EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)


def by_libsndfile(octets: bytes, subtype: str) -> list[int]:
    raw = io.BytesIO(octets)
    decoded, _ = soundfile.read(raw, dtype="int16", format="RAW", subtype=subtype, samplerate=8000, channels=1)
    return [int(value) for value in decoded]


def test_ulaw_known_values() -> None:
    assert list(decode_ulaw(b"\x00\x80\xff\x7f\x0f\x8f")) == [-32124, 32124, 0, 0, -16764, 16764]
    assert encode_ulaw(np.array([0, 32767, -32768, 4, -5, 1000, -1000], np.int16)) == b"\xff\x80\x00\xfe\x7e\xce\x4e"


def test_alaw_known_values() -> None:
    assert list(decode_alaw(b"\x2a\xaa\xd5\x55")) == [-32256, 32256, 8, -8]
    assert encode_alaw(np.array([0, 32767, -32768, -1, 1000, -1000], np.int16)) == b"\xd5\xaa\x2a\x55\xfa\x7a"


def test_decoders_agree_with_libsndfile() -> None:
    assert [int(value) for value in decode_ulaw(EVERY_OCTET)] == by_libsndfile(EVERY_OCTET, "ULAW")
    assert [int(value) for value in decode_alaw(EVERY_OCTET)] == by_libsndfile(EVERY_OCTET, "ALAW")


def test_octets_survive_a_round_trip() -> None:
    assert encode_alaw(decode_alaw(EVERY_OCTET)) == EVERY_OCTET
    assert encode_ulaw(decode_ulaw(EVERY_OCTET)) == EVERY_OCTET.replace(b"\x7f", b"\xff")  # minus zero becomes zero


@pytest.mark.parametrize(
    ("decode", "encode", "smallest_step"), [(decode_ulaw, encode_ulaw, 8), (decode_alaw, encode_alaw, 16)]
)
def test_every_sample_comes_back_within_half_a_step(decode, encode, smallest_step) -> None:  # type: ignore[no-untyped-def]
    back = decode(encode(EVERY_SAMPLE)).astype(int)
    original = EVERY_SAMPLE.astype(int)
    # a segment's step is 1/16 of its lowest magnitude; the clipping point of the coder is 32635
    allowed = np.maximum(smallest_step // 2, (np.abs(original) + 132) / 32) + 4
    inside = np.abs(original) <= 32635
    assert np.all(np.abs(back - original)[inside] <= allowed[inside])
    assert np.all(np.diff(back) >= 0)
