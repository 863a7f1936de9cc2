"""Records that the database could not take, as files, until it can.

One JSON file a record, written beside its name, synced, then renamed: a file is whole or not there. Names sort in the
order of writing. Importing is repeatable, so a crash between the import and the removal of a file does no harm.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """Something that must not be lost: what it is (`kind`), and its values as JSON knows them.

    `uid` is what makes two imports of it one.
    """

    kind: str
    uid: str
    values: dict[str, Any]


class Spool:
    """The records under one directory, which is made when the first one comes."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._serial = count()

    def put(self, record: Record) -> Path:
        """Keep `record` so that it survives a crash of the machine; its file. Raises OSError."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.directory / f"{time.time_ns():020d}-{os.getpid()}-{next(self._serial):06d}.json"
        draft = path.with_suffix(".part")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(asdict(record), file)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_directory(self.directory)
        return path

    def files(self) -> list[Path]:
        """The files that wait, oldest first."""
        return sorted(self.directory.glob("*.json"))

    def records(self) -> Iterator[tuple[Path, Record]]:
        """What waits, oldest first. A file that is no record is set aside."""
        for path in self.files():
            try:
                record = Record(**json.loads(path.read_text("utf-8")))
            except OSError:
                continue  # another process has imported it, or nobody may read it
            except (ValueError, TypeError):
                self.reject(path)
            else:
                yield path, record

    def remove(self, path: Path) -> None:
        """Forget a record that was imported. Should that fail, it is imported again, which does no harm."""
        with contextlib.suppress(OSError):
            path.unlink()

    def reject(self, path: Path) -> None:
        """Set a file aside that can never be imported; it stays there for a person."""
        aside = self.directory / "rejected"
        with contextlib.suppress(OSError):
            aside.mkdir(exist_ok=True)
            path.rename(aside / path.name)


def sync_directory(directory: Path) -> None:
    """Make names in `directory` as durable as the files."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
