from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.prompt_files import PromptFiles
from voicebot.speech.synthesiser import SpeechAudio, WordMark

AUDIO = SpeechAudio("hello there", np.arange(-400, 400, dtype=np.int16), 8000, (WordMark(0, 0), WordMark(6, 300)))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    files = PromptFiles(tmp_path / "new", "voice", 8000)
    assert files.read("hello there") is None
    files.write(AUDIO)
    read = files.read("hello there")
    assert read is not None
    assert np.array_equal(read.samples, AUDIO.samples)
    assert (read.text, read.rate, read.marks) == (AUDIO.text, AUDIO.rate, AUDIO.marks)
    assert [path.suffix for path in (tmp_path / "new").iterdir()] == [".prompt"]


def test_voice_rate_and_text_are_the_key(tmp_path: Path) -> None:
    PromptFiles(tmp_path, "voice", 8000).write(AUDIO)
    assert PromptFiles(tmp_path, "voice", 8000).read("hello") is None
    assert PromptFiles(tmp_path, "other", 8000).read("hello there") is None
    assert PromptFiles(tmp_path, "voice", 16000).read("hello there") is None


def test_the_text_is_not_on_disk(tmp_path: Path) -> None:
    PromptFiles(tmp_path, "voice", 8000).write(AUDIO)
    assert all(b"hello" not in path.read_bytes() and "hello" not in path.name for path in tmp_path.iterdir())


@given(data=st.data())
def test_a_damaged_file_is_as_if_it_were_not_there(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = PromptFiles(tmp_path_factory.mktemp("cache"), "voice", 8000)
    files.write(AUDIO)
    path = files.path(AUDIO.text)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(len(content) - 1600, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    assert files.read(AUDIO.text) is None


@pytest.mark.parametrize("head", [b"", b"[]", b'{"rate": 8000}', b'{"rate": 8000, "count": "x", "crc": 0, "marks": 3}'])
def test_an_odd_head_is_as_if_it_were_not_there(tmp_path: Path, head: bytes) -> None:
    files = PromptFiles(tmp_path, "voice", 8000)
    files.path("a").write_bytes(b"voicebot prompt 1\n" + head + b"\n\0\0")
    assert files.read("a") is None


def test_a_directory_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    files = PromptFiles(tmp_path / "file" / "cache", "voice", 8000)
    files.write(AUDIO)
    assert files.read(AUDIO.text) is None
