from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from voicebot.models.catalogue import ModelError
from voicebot.models.unpack import Limits, is_archive, unpack


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    return info


def test_files_and_directories_come_out(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"model/am/final.mdl": b"1", "model/conf/": b"", "model/README": b"2"})
    unpack(archive, tmp_path / "out")
    assert (tmp_path / "out/model/am/final.mdl").read_bytes() == b"1"
    tarred = make_tar(tmp_path / "a.tgz", member("m", tarfile.DIRTYPE), member("m/x", size=3))
    unpack(tarred, tmp_path / "other")
    assert (tmp_path / "other/m/x").read_bytes() == b"xxx"
    assert is_archive(archive)
    assert is_archive(tarred)
    assert not is_archive(tmp_path)


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:evil", "a/" * 20 + "x", "x" * 300]
)
def test_no_name_leads_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=r"leads elsewhere; it was not unpacked"):
        unpack(make_zip(tmp_path / "a.zip", {name: b"evil"}), tmp_path / "out")
    with pytest.raises(ModelError, match=r"leads elsewhere|damaged"):
        unpack(make_tar(tmp_path / "a.tgz", member(name, size=1)), tmp_path / "out2")
    assert not list(tmp_path.parent.glob("**/evil"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(ModelError, match="a link or no plain file"):
        unpack(make_tar(tmp_path / "a.tgz", member("x", kind, link="/etc/passwd")), tmp_path / "out")


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ModelError, match="a link or no plain file"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_a_bomb_is_refused_when_it_has_grown_too_large(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x": bytes(20_000_000)})
    with pytest.raises(ModelError, match="far more than its size"):
        unpack(archive, tmp_path / "out", Limits(free=1_000_000))
    assert (tmp_path / "out/x").stat().st_size <= 1_000_000


def test_many_files_are_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {f"{number}": b"" for number in range(30)})
    with pytest.raises(ModelError, match="more than 20 files"):
        unpack(archive, tmp_path / "out", Limits(files=20))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x", b"1")
        archive.writestr("x", b"2")
    with pytest.raises(ModelError, match="a name twice"):
        unpack(tmp_path / "a.zip", tmp_path / "out")
    with pytest.raises(ModelError, match="a name twice"):
        unpack(make_zip(tmp_path / "b.zip", {"x": b"", "x/y": b""}), tmp_path / "out2")


@pytest.mark.parametrize("at", [0.3, 0.6, 0.95])
def test_damaged_archives_are_named(tmp_path: Path, at: float) -> None:
    archive = make_zip(tmp_path / "a.zip", {"x": bytes(range(256)) * 40, "y": b"abc" * 999})
    content = bytearray(archive.read_bytes())
    content[int(len(content) * at)] ^= 0xFF
    archive.write_bytes(bytes(content))
    try:
        unpack(archive, tmp_path / "out")
    except ModelError as error:
        assert "a.zip" in str(error)  # noqa: PT017 - some bits do not matter
    archive.write_bytes(bytes(content[: int(len(content) * at)]))
    with pytest.raises(ModelError, match=r"a\.zip is damaged"):
        unpack(archive, tmp_path / "out2")
