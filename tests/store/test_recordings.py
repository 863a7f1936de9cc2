from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import wave
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicebot.audio.frame import Samples
from voicebot.store.recording_format import (
    HEADER_SIZE,
    Block,
    Header,
    RecordingError,
    pack_block,
    pack_header,
    unpack_block,
    unpack_header,
)
from voicebot.store.recordings import Recording, RecordingStore

NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)
LENGTH = 160


def frame(number: int) -> tuple[Samples, Samples]:
    """Frame `number` of a call: the number plus one on the left, its negative on the right."""
    return np.full(LENGTH, number + 1, np.int16), np.full(LENGTH, -number - 1, np.int16)


def record(
    directory: Path, frames: int, *, first: int = 0, masks: dict[int, tuple[int, int | None]] | None = None
) -> Path:
    """Record frames first..first+frames; `masks` are asked for after the frame that is their key."""
    with RecordingStore(directory) as store:
        writer = store.start("c-1", rate=8000, first_frame=first, started_at=NOON)
        for number in range(first, first + frames):
            writer.write(*frame(number))
            if masks and number in masks:
                writer.mask(*masks[number])
        writer.close()
    assert writer.error is None
    return writer.path


def heard(path: Path) -> dict[int, tuple[int, int]]:
    """What each frame of a recording holds: left and right."""
    recording = Recording.open(path)
    found = {}
    for block in recording.blocks():
        for at in range(0, len(block.samples), LENGTH):
            piece = block.samples[at : at + LENGTH]
            assert (piece == piece[0]).all()
            number = recording.header.first_frame + block.index * 50 + at // LENGTH
            found[number] = (int(piece[0, 0]), int(piece[0, 1]))
    return found


def said(*spans: tuple[int, int], silent: tuple[tuple[int, int], ...] = ()) -> dict[int, tuple[int, int]]:
    """What `heard` gives for frames start..end, with some of them silenced."""
    muted = {number for start, end in silent for number in range(start, end)}
    numbers = [number for start, end in spans for number in range(start, end)]
    return {number: (0, 0) if number in muted else (number + 1, -number - 1) for number in numbers}


def test_both_sides_come_back_with_their_place_in_the_call(tmp_path: Path) -> None:
    path = record(tmp_path, 120, first=75)
    recording = Recording.open(path)
    assert recording.header == Header("c-1", 8000, 75, NOON)
    assert heard(path) == said((75, 195))
    assert recording.duration_s == pytest.approx(2.4)
    assert recording.begins_at.timestamp() == NOON.timestamp() + 1.5
    assert path.stat().st_mode & 0o077 == 0


@given(cut=st.integers(0, HEADER_SIZE + 3 * 32064 + 100))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_wherever_the_file_is_cut_every_whole_block_is_read(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "c-1.rec"
    if not path.exists():
        record(tmp_path, 150)
    whole = path.read_bytes()
    part = tmp_path / "part.rec"
    part.write_bytes(whole[:cut])
    if cut < HEADER_SIZE:
        with pytest.raises(RecordingError, match=r"part.rec: is no recording, or was cut off"):
            Recording.open(part)
    else:
        blocks = min(3, (cut - HEADER_SIZE) // 32064)
        assert heard(part) == said((0, 50 * blocks))


@given(at=st.integers(0, HEADER_SIZE + 3 * 32064 - 1), bit=st.integers(0, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_a_flipped_bit_costs_at_most_its_second(tmp_path: Path, at: int, bit: int) -> None:
    path = tmp_path / "c-1.rec"
    if not path.exists():
        record(tmp_path, 150)
    damaged = bytearray(path.read_bytes())
    damaged[at] ^= 1 << bit
    part = tmp_path / "part.rec"
    part.write_bytes(damaged)
    if at < HEADER_SIZE:
        with pytest.raises(RecordingError):
            Recording.open(part)
        return
    broken = (at - HEADER_SIZE) // 32064
    assert heard(part) == said((0, 50 * broken), (50 * broken + 50, 150))


def test_a_killed_process_leaves_all_but_the_last_two_seconds(tmp_path: Path) -> None:
    code = """
import os, pathlib, signal, sys, time
from tests.store.test_recordings import NOON, frame
from voicebot.store.recordings import RecordingStore
writer = RecordingStore(pathlib.Path(sys.argv[1])).start("c-1", rate=8000, first_frame=0, started_at=NOON)
began = time.monotonic()
for number in range(149):
    writer.write(*frame(number))
    time.sleep(max(0, began + number * 0.02 - time.monotonic()))
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=root, timeout=60, check=False)
    assert done.returncode == -9
    found = heard(tmp_path / "c-1.rec")
    assert found == said((0, len(found)))
    assert len(found) >= 50


@pytest.mark.parametrize(
    ("masks", "silent"),
    [
        ({100: (95, 101)}, ((95, 101),)),  # still in memory
        ({130: (45, 60)}, ((45, 60),)),  # on the disk, in two blocks
        ({110: (98, 111)}, ((98, 111),)),  # half on the disk, half in memory
        ({20: (30, 60)}, ((30, 60),)),  # yet to come
        ({20: (10, 40)}, ((10, 40),)),  # begun
        ({20: (15, None), 70: (15, 71)}, ((15, 71),)),  # open, then closed
        ({20: (15, None), 70: (15, 90)}, ((15, 90),)),  # open, then closed at a later moment
        ({20: (15, None), 30: (2, 5)}, ((2, 5), (15, 150))),  # another one does not close it
        ({20: (15, None), 30: (12, None), 60: (12, 61)}, ((12, 61),)),  # the earlier beginning counts
        ({140: (0, None)}, ((0, 150),)),
    ],
)
def test_masks_silence_both_sides_wherever_the_frames_are(
    tmp_path: Path, masks: dict[int, tuple[int, int | None]], silent: tuple[tuple[int, int], ...]
) -> None:
    path = record(tmp_path, 150, masks=masks)
    assert heard(path) == said((0, 150), silent=silent)
    touched = {number // 50 for start, end in silent for number in range(start, end)}
    assert {block.index for block in Recording.open(path).blocks() if block.silenced} == touched


def test_masks_count_the_calls_frames_though_recording_began_later(tmp_path: Path) -> None:
    path = record(tmp_path, 150, first=1000, masks={1140: (900, 1060), 1141: (10, 20)})
    assert heard(path) == said((1000, 1150), silent=((1000, 1060),))


def test_a_block_that_is_missing_is_silence_in_the_wav(tmp_path: Path) -> None:
    path = record(tmp_path, 150)
    data = bytearray(path.read_bytes())
    data[HEADER_SIZE + 32064 : HEADER_SIZE + 2 * 32064] = bytes(32064)
    path.write_bytes(data)
    out = tmp_path / "out.wav"
    assert Recording.open(path).export_wav(out) == 1
    with wave.open(str(out)) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getnframes()) == (2, 8000, 24000)
        samples = np.frombuffer(wav.readframes(24000), "<i2").reshape(-1, 2)
    assert (samples[8000:16000] == 0).all()
    assert (samples[16000] == (101, -101)).all()
    assert (samples[-1] == (150, -150)).all()


def test_a_call_recorded_again_gets_a_further_file(tmp_path: Path) -> None:
    with RecordingStore(tmp_path) as store:
        names = [store.start("a/../b c", rate=8000, first_frame=0, started_at=NOON).path.name for _ in range(2)]
        assert names == ["a_.._b_c.rec", "a_.._b_c.2.rec"]
    with RecordingStore(tmp_path) as store:
        assert store.start("a/../b c", rate=8000, first_frame=0, started_at=NOON).path.name == "a_.._b_c.3.rec"
        assert store.find("a/../b c").name == "a_.._b_c.rec"
        with pytest.raises(RecordingError, match="there is no recording 'x'; voicebot recording list"):
            store.find("x")


def test_a_disk_that_fails_does_not_stop_the_call(tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file where the directory should be")
    with RecordingStore(tmp_path / "recordings") as store:
        writer = store.start("c-1", rate=8000, first_frame=0, started_at=NOON)
        for number in range(120):
            writer.write(*frame(number))
        writer.mask(10, 20)
        writer.close()
    assert writer.error is not None


@given(
    header=st.builds(
        Header,
        call_id=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
        rate=st.sampled_from([8000, 16000]),
        first_frame=st.integers(0, 2**63),
        started_at=st.integers(0, 4 * 10**12).map(lambda ms: datetime.fromtimestamp(ms // 1000, UTC)),
    ),
    index=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 50),
    silenced=st.booleans(),
)
def test_header_and_block_come_back_as_they_were(header: Header, index: int, frames: int, silenced: bool) -> None:
    assert unpack_header(pack_header(header)) == header
    samples = np.arange(frames * header.rate // 50 * 2, dtype=np.int16).reshape(-1, 2)
    data = pack_block(header, Block(index, samples, silenced))
    assert len(data) == header.block_size
    back = unpack_block(header, index, data)
    assert back is not None
    assert (back.index, back.silenced) == (index, silenced)
    assert (back.samples == samples).all()


@given(st.binary(max_size=400))
def test_any_bytes_are_no_header_and_no_block(data: bytes) -> None:
    with pytest.raises(RecordingError):
        unpack_header(data)
    assert unpack_block(Header("c", 8000, 0, NOON), 0, data) is None


@pytest.mark.parametrize("recovers", [True, False])
def test_what_cannot_be_silenced_does_not_stay(tmp_path: Path, recovers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three seconds, of which the first turns out to be sensitive while the disk fails."""
    write, broken = os.pwrite, threading.Event()

    def failing(file: int, data: bytes, offset: int) -> int:
        if broken.is_set():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return write(file, data, offset)

    monkeypatch.setattr(os, "pwrite", failing)
    with RecordingStore(tmp_path) as store:
        writer = store.start("c-1", rate=8000, first_frame=0, started_at=NOON)
        for number in range(150):
            writer.write(*frame(number))
        store._worker.submit(broken.set)
        writer.mask(0, 50)
        if recovers:
            store._worker.submit(broken.clear)
        writer.close()
    assert isinstance(writer.error, OSError)
    assert writer.path.exists() is recovers
    if recovers:
        assert [sides for number, sides in heard(writer.path).items() if number < 50] == [(0, 0)] * 50
        assert heard(writer.path)[60] == (61, -61)


def test_of_a_damaged_block_that_is_sensitive_nothing_is_left(tmp_path: Path) -> None:
    with RecordingStore(tmp_path) as store:
        writer = store.start("c-1", rate=8000, first_frame=0, started_at=NOON)
        for number in range(100):
            writer.write(*frame(number))
        offset = writer._header.offset(0)
        store._worker.submit(lambda: os.pwrite(writer._file, b"\xff", offset + 100))
        writer.mask(0, 50)
        writer.close()
    content = writer.path.read_bytes()[offset : writer._header.offset(1)]
    assert not any(content)
    assert min(heard(writer.path)) == 50
