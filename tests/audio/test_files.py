"""Reading and writing audio files, good and bad."""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicebot.audio.files import AudioFileError, read_audio, read_audio_at, write_wav
from voicebot.audio.frame import Samples
from voicebot.audio.level import saturate

RATE = 8000


def tone(seconds: float = 1.0, rate: int = RATE) -> Samples:
    return saturate(np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 440 / rate) * 12000)


def put(path: Path, data: object, rate: int = RATE, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, data, rate, subtype=subtype)
    return path


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_16_bit_is_read_exactly(tmp_path: Path, name: str) -> None:
    extreme = np.concatenate((tone(), np.array([32767, -32768, 1, -1], np.int16)))
    audio = read_audio(put(tmp_path / name, extreme))
    assert np.array_equal(audio.samples, extreme)
    assert (audio.rate, audio.notes) == (RATE, ())
    assert audio.seconds == pytest.approx(1.0005)


@pytest.mark.parametrize(
    ("subtype", "tolerance"),
    [("PCM_U8", 256), ("PCM_24", 1), ("PCM_32", 1), ("FLOAT", 1), ("DOUBLE", 1), ("ULAW", 512), ("ALAW", 512)],
)
def test_other_encodings(tmp_path: Path, subtype: str, tolerance: int) -> None:
    audio = read_audio(put(tmp_path / "a.wav", tone() / 32768, subtype=subtype))
    assert audio.samples.dtype == np.int16
    assert np.abs(audio.samples.astype(int) - tone()).max() <= tolerance


def test_24_bit_flac(tmp_path: Path) -> None:
    audio = read_audio(put(tmp_path / "a.flac", tone() / 32768, subtype="PCM_24"))
    assert np.array_equal(audio.samples, tone())


def test_extension_does_not_matter(tmp_path: Path) -> None:
    path = put(tmp_path / "a.wav", tone()).rename(tmp_path / "a.raw")
    assert len(read_audio(path).samples) == RATE


def test_channels_are_averaged_with_a_note(tmp_path: Path) -> None:
    stereo = np.stack((tone(), np.zeros(RATE, np.int16)), axis=1)
    audio = read_audio(put(tmp_path / "a.wav", stereo))
    assert np.abs(audio.samples.astype(int) * 2 - tone()).max() <= 1
    assert audio.notes == ("2 channels averaged to one",)


def test_conversion_to_another_rate(tmp_path: Path) -> None:
    audio = read_audio_at(put(tmp_path / "a.wav", tone(rate=44100), rate=44100), RATE)
    assert (len(audio.samples), audio.rate) == (RATE, RATE)
    assert audio.notes == ("converted from 44100 to 8000 Hz",)
    middle = slice(400, -400)
    assert np.abs(audio.samples[middle].astype(int) - tone()[middle]).max() < 150
    assert read_audio_at(tmp_path / "a.wav", 44100).notes == ()


def test_truncated_wav_gives_what_is_there(tmp_path: Path) -> None:
    path = put(tmp_path / "a.wav", tone())
    os.truncate(path, 44 + 2 * 2000 + 1)
    audio = read_audio(path)
    assert np.array_equal(audio.samples, tone()[:2000])
    assert audio.notes == ("the file is truncated; the first 0.25 s are used",)


def test_truncated_flac_gives_what_is_there(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(-9000, 9000, 80000).astype(np.int16)
    path = put(tmp_path / "a.flac", noise)
    os.truncate(path, path.stat().st_size // 2)
    audio = read_audio(path)
    assert 20000 < len(audio.samples) < 45000
    assert np.array_equal(audio.samples, noise[: len(audio.samples)])
    assert "truncated" in audio.notes[0]


def test_wav_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    path = put(tmp_path / "a.wav", tone())
    octets = path.read_bytes()
    path.write_bytes(octets[:40] + struct.pack("<I", 0xFFFFFFFF) + octets[44:])
    audio = read_audio(path)
    assert np.array_equal(audio.samples, tone())
    assert audio.notes == ()


def test_values_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    wave = tone() / np.float32(32768)
    wave[[10, 20, 30]] = np.nan, np.inf, -np.inf
    audio = read_audio(put(tmp_path / "a.wav", wave, subtype="FLOAT"))
    assert list(audio.samples[[10, 20, 30]]) == [0, 32767, -32768]
    assert audio.notes == ("values that are not finite numbers were replaced",)
    assert np.array_equal(np.delete(audio.samples, [10, 20, 30]), np.delete(tone(), [10, 20, 30]))


def test_float_beyond_full_scale_saturates(tmp_path: Path) -> None:
    audio = read_audio(put(tmp_path / "a.wav", np.array([1.5, -1.5, 0.5]), subtype="FLOAT"))
    assert list(audio.samples) == [32767, -32768, 16384]


def test_cap_on_length(tmp_path: Path) -> None:
    path = put(tmp_path / "a.wav", tone())
    assert len(read_audio(path, max_seconds=1).samples) == RATE
    with pytest.raises(AudioFileError, match=r"a\.wav is longer than 0\.5 s"):
        read_audio(path, max_seconds=0.5)


def bad_files(folder: Path) -> dict[str, Path]:
    whole = put(folder / "whole.wav", tone()).read_bytes()
    made = {
        "is empty": b"",
        "holds no audio": whole[:44],
        "is not an audio file": b"not audio at all\n" * 200,
        "give a WAV or FLAC file": whole[:30],
        "has a sample rate of 999999 Hz": whole[:24] + struct.pack("<I", 999999) + whole[28:],
    }
    paths = {}
    for number, (message, octets) in enumerate(made.items()):
        paths[message] = folder / f"bad{number}.wav"
        paths[message].write_bytes(octets)
    os.mkfifo(folder / "pipe.wav")
    return paths | {
        "does not exist": folder / "nothing.wav",
        "is a directory": folder,
        "is not a regular file": folder / "pipe.wav",
    }


def test_each_bad_file_is_one_clear_sentence(tmp_path: Path) -> None:
    for message, path in bad_files(tmp_path).items():
        with pytest.raises(AudioFileError) as caught:
            read_audio(path)
        text = str(caught.value)
        assert message in text
        assert str(path) in text
        assert "\n" not in text
        assert text.endswith(".")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["a.wav", "a.flac"]), at=st.integers(0, 200), octets=st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, name: str, at: int, octets: bytes) -> None:
    whole = put(tmp_path / name, tone(0.05)).read_bytes()
    damaged = tmp_path / f"damaged-{name}"
    damaged.write_bytes(whole[:at] + octets + whole[at + len(octets) :])
    with suppress(AudioFileError):  # nothing else may be raised
        audio = read_audio(damaged, max_seconds=10)
        assert audio.samples.dtype == np.int16
        assert len(audio.samples) > 0


def test_written_file_is_read_back(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(), 16000)
    audio = read_audio(tmp_path / "a.wav")
    assert audio.rate == 16000
    assert np.array_equal(audio.samples, tone())
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_16"


def test_unwritable_place(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"a\.wav cannot be written: No such file or directory"):
        write_wav(tmp_path / "nowhere" / "a.wav", tone(), RATE)
