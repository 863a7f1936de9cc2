"""The database: opened once a process, used from any thread."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from voicebot.logs import log
from voicebot.store.engine import StoreBusyError, StoreError, UnfitError, explain, make_engine, parse_url, shown
from voicebot.store.migrate import VersionError, migrate
from voicebot.store.records import apply
from voicebot.store.spool import Record, Spool

if TYPE_CHECKING:
    from voicebot.settings import Settings

T = TypeVar("T")

UNFIT: Final = (IntegrityError, DataError, LookupError, ValueError, TypeError, OverflowError)
"""What a record raises that no waiting will make fit."""

RETRY_S: Final = 0.02
AILING_DEADLINE_S: Final = 0.2
"""How long a record waits for a database that has just failed, before it goes to the spool."""


def utc_now() -> datetime:
    """The time on the wall."""
    return datetime.now(UTC)


class Database:
    """Reads and writes in transactions; records that must not be lost go to a spool of files when it cannot.

    `now` is the clock of everything that is stored. Safe to use from several threads and processes.
    """

    def __init__(self, engine: Engine, spool: Spool, *, deadline_s: float, now: Callable[[], datetime]) -> None:
        self.spool = spool
        self.now = now
        self._engine = engine
        self._writing = engine.execution_options(immediate=True)
        self._deadline_s = deadline_s
        self._file = Path(engine.url.database) if engine.dialect.name == "sqlite" and engine.url.database else None
        self._keeping = threading.Lock()
        self._ailing = False

    @classmethod
    def open(
        cls, data: Path, url: str | None = None, *, deadline_s: float = 5, now: Callable[[], datetime] = utc_now
    ) -> Self:
        """Open the database at `url` (None: SQLite under the directory `data`), migrate it, import the spool.

        Raises StoreError when it cannot be opened, is damaged, or belongs to a newer release.
        """
        where = parse_url(url) if url else URL.create("sqlite", database=str(data / "voicebot.db"))
        make_directory(data)
        if url is None:
            make_private(data / "voicebot.db")
        database = cls(make_engine(where), Spool(data / "spool"), deadline_s=deadline_s, now=now)
        try:
            database._retry(lambda: migrate(database._engine), deadline_s)
        except VersionError:
            database.close()
            raise StoreError(
                f"the database {shown(where)} was made by a newer voicebot; update this one, or name another database"
            ) from None
        except StoreError:
            database.close()
            raise
        database.import_spool()
        return database

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The database that the settings name. Raises StoreError."""
        url = settings.store.url
        return cls.open(settings.data, url.get_secret_value() if url else None, deadline_s=settings.store.deadline_s)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, work: Callable[[Session], T]) -> T:
        """What `work` finds in one consistent view. Raises StoreError."""
        return self._retry(lambda: self._transact(self._engine, work), self._deadline_s)

    def write(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction, on the disk when this returns; it is done again when the database was busy.

        Raises StoreBusyError after the deadline, StoreError, and IntegrityError or DataError when `work` breaks a rule
        of a table.
        """
        return self._retry(lambda: self._transact(self._writing, work), self._deadline_s)

    def keep(self, record: Record) -> str | None:
        """Write `record`; the id it got, or None when the database cannot take it and it waits in the spool.

        Records are imported in the order in which they were kept. Raises StoreError when neither can take it, and
        UnfitError for a record that breaks a rule of a table: it is set aside in the spool, for a person.
        """
        if not self._keeping.acquire(timeout=self._patience):
            self._spool(record, StoreBusyError("another thread waits for the database"))
            return None
        try:
            self._renew()
            self._import()
            kept = self._apply(record, self._patience)
            self._ailing = False
            return kept
        except UNFIT as error:
            self._set_aside(record)
            reason = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
            raise UnfitError(f"a record ({record.kind}) does not fit the database: {reason}") from error
        except StoreError as error:
            self._ailing = True
            self._spool(record, error)
            return None
        finally:
            self._keeping.release()

    def import_spool(self) -> None:
        """Import what waits in the spool, if the database can take it."""
        with self._keeping:
            try:
                self._import()
            except StoreError as error:
                log().warning("spool not imported", waiting=len(self.spool.files()), reason=str(error))

    @property
    def _patience(self) -> float:
        return min(AILING_DEADLINE_S, self._deadline_s) if self._ailing else self._deadline_s

    def _renew(self) -> None:
        """Should somebody have removed the file of a running service: make a new one, not write to what is gone."""
        if self._file is None or self._file.exists():
            return
        log().error("the database has been removed; a new one is made", file=str(self._file))
        self._engine.dispose()
        make_directory(self._file.parent)
        make_private(self._file)
        self._retry(lambda: migrate(self._engine), self._patience)

    def _set_aside(self, record: Record) -> None:
        try:
            self.spool.reject(self.spool.put(record))
        except OSError as error:
            log().error("a record is lost", kind=record.kind, reason=error.strerror)

    def _import(self) -> None:
        for path, record in self.spool.records():
            try:
                self._apply(record, self._patience)
            except UNFIT as error:
                log().error("spool file set aside", file=path.name, reason=type(error).__name__)
                self.spool.reject(path)
            else:
                self.spool.remove(path)

    def _apply(self, record: Record, deadline_s: float) -> str:
        return self._retry(lambda: self._transact(self._writing, partial(apply, record=record)), deadline_s)

    def _spool(self, record: Record, reason: StoreError) -> None:
        try:
            self.spool.put(record)
        except OSError as error:
            raise StoreError(f"{reason}; nor can {self.spool.directory} be written ({error.strerror})") from error
        log().warning("database cannot take a record; it waits in the spool", kind=record.kind, reason=str(reason))

    def _transact(self, engine: Engine, work: Callable[[Session], T]) -> T:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            return work(session)

    def _retry(self, attempt: Callable[[], T], deadline_s: float) -> T:
        """Attempt until it works, until it fails for another reason than a busy database, or for `deadline_s`."""
        until = time.monotonic() + deadline_s
        while True:
            try:
                return attempt()
            except (IntegrityError, DataError):
                raise
            except (DBAPIError, sqlite3.Error) as error:
                problem = explain(error, self._engine.url)
                if not isinstance(problem, StoreBusyError) or time.monotonic() >= until:
                    raise problem from error
            time.sleep(RETRY_S)


def make_directory(data: Path) -> None:
    """The data directory, for this user's eyes only. Raises StoreError."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"the data directory {data} cannot be made: {error.strerror}; name another with --data"
        ) from None


def make_private(file: Path) -> None:
    """An empty file that only this user may read, unless it is there; what SQLite puts beside it is as private.

    What cannot be made here is reported when the database is opened.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
