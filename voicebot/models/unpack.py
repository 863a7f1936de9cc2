"""Unpacks an archive from elsewhere: only plain files, only below the target, and only so many and so large."""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from voicebot.models.catalogue import ModelError

BLOCK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold: files, bytes in all, and bytes for each byte of the archive (above `free` bytes)."""

    files: int = 5000
    total: int = 16 << 30
    ratio: int = 30
    free: int = 64 << 20

    def bytes_for(self, archive: Path) -> int:
        """How large the content of `archive` may become."""
        return min(self.total, max(self.free, archive.stat().st_size * self.ratio))


def unpack(archive: Path, target: Path, limits: Limits | None = None) -> None:
    """Unpack a zip or tar file into the new directory `target`. Raises ModelError; then the caller deletes `target`."""
    limits = limits or Limits()
    target.mkdir()
    left = limits.bytes_for(archive)
    try:
        for count, (name, content) in enumerate(_files(archive), 1):
            if count > limits.files:
                raise ModelError(f"{archive.name} holds more than {limits.files} files; it was not unpacked")
            path = target / _safe(archive, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            left -= _write(archive, content, path, left)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError(f"{archive.name} is damaged or no archive that can be read ({error}); get it again") from None
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise ModelError(f"{archive.name} holds a name twice; it was not unpacked") from None


def is_archive(path: Path) -> bool:
    """Whether `path` is a zip or tar file."""
    return path.is_file() and (zipfile.is_zipfile(path) or tarfile.is_tarfile(path))


def _files(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each plain file. Raises ModelError for links and devices."""
    with _opened(archive) as opened:
        if isinstance(opened, zipfile.ZipFile):
            yield from _zipped(archive, opened)
        else:
            yield from _tarred(archive, opened)


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile | tarfile.TarFile]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield zipped
    else:
        with tarfile.open(archive) as tarred:
            yield tarred


def _zipped(archive: Path, opened: zipfile.ZipFile) -> Iterator[tuple[str, IO[bytes]]]:
    for info in opened.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir():
            _safe(archive, info.filename)
            continue
        if kind not in (0, stat.S_IFREG):
            raise _not_plain(archive, info.filename)
        with opened.open(info) as content:
            yield info.filename, content


def _tarred(archive: Path, opened: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in opened:
        if member.isdir():
            _safe(archive, member.name)
            continue
        content = opened.extractfile(member) if member.isreg() else None
        if content is None:
            raise _not_plain(archive, member.name)
        with content:
            yield member.name, content


def _not_plain(archive: Path, name: str) -> ModelError:
    return ModelError(f"{archive.name} holds {name!r}, which is a link or no plain file; it was not unpacked")


def _safe(archive: Path, name: str) -> PurePosixPath:
    """`name` as a path below the target. Raises ModelError."""
    path = PurePosixPath(name)
    odd = path.is_absolute() or not path.parts or "\\" in name or "\0" in name or ":" in path.parts[0]
    if odd or ".." in path.parts or any(len(part.encode()) > 200 for part in path.parts) or len(path.parts) > 12:
        raise ModelError(f"{archive.name} holds the name {name[:60]!r}, which leads elsewhere; it was not unpacked")
    return path


def _write(archive: Path, content: IO[bytes], path: Path, left: int) -> int:
    """Copy one file; its bytes. What the archive claims about sizes is not believed."""
    written = 0
    with path.open("xb") as target:
        while block := content.read(BLOCK):
            written += len(block)
            if written > left:
                raise ModelError(f"{archive.name} unpacks to far more than its size; it was not unpacked")
            target.write(block)
    return written
