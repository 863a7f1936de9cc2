"""Files that commands write: refused before the work, and never half there."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicebot.cli.output import check_target, write_whole


def test_a_file_is_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    for text in ("first", "second"):
        check_target(out)
        write_whole(out, text)
        assert out.read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [out]


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("before", "utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_whole(out, "\ud800")
    assert out.read_text("utf-8") == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.touch()
    link.symlink_to(real)
    write_whole(link, "text")
    assert link.is_symlink()
    assert real.read_text("utf-8") == "text"


def test_a_device_is_written_as_it_is() -> None:
    check_target(Path("/dev/null"))
    write_whole(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("name", ["", "nowhere/out.json", "file/out.json"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=str(tmp_path / name)):
        check_target(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_is_full_is_named_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match=str(tmp_path / "out.json")):
        write_whole(tmp_path / "out.json", "text")
    assert list(tmp_path.iterdir()) == []
