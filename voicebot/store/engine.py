"""Making an SQLAlchemy engine, and saying in a sentence what a database's error means.

SQLite runs in WAL mode (readers never wait), with foreign keys on and `synchronous=FULL`: a commit is on the disk when
it returns. Transactions are begun by us: with the execution option `immediate` they take the write lock at once, so
that none fails half-way because another writer came first.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from voicebot.errors import VoicebotError

BUSY_MS: Final = 100
"""How long SQLite itself waits for a lock; longer waits are retries."""


class StoreError(VoicebotError):
    """State cannot be read or written; the message says which database, why, and what to do."""


class StoreBusyError(StoreError):
    """Another program holds the database."""


class UnfitError(StoreError):
    """A record breaks a rule of a table; no waiting will make it fit."""


def make_engine(url: URL) -> Engine:
    """An engine for `url`, with SQLite set up as above. Opens no connection yet. Raises StoreError."""
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"the store {shown(url)} needs a driver: pip install 'voicebot[postgresql]' ({error})"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", begin_sqlite)
    return engine


def parse_url(text: str) -> URL:
    """`text` as an URL. Raises StoreError, without repeating it: it may hold a password."""
    try:
        return make_url(text)
    except ArgumentError:
        raise StoreError(
            "the setting 'store.url' is no database URL; it looks like postgresql://user:password@host/name"
        ) from None


def prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """What every new SQLite connection is told."""
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MS}", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode=WAL")


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction: one that writes takes the write lock now."""
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def shown(url: URL) -> str:
    """A database as it may be named to people: the file, or the address without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return url.render_as_string(hide_password=True)


def explain(error: DBAPIError | sqlite3.Error, url: URL) -> StoreError:
    """What a driver's error means."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = f"the database {shown(url)}"
    if not isinstance(cause, sqlite3.Error):
        return StoreError(
            f"{name} cannot be used: {str(cause).splitlines()[0] if str(cause) else type(cause).__name__}"
        )
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusyError(f"{name} is busy: another program holds it; try again when that is done")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StoreError(f"{name} is damaged or no database; move it away, or put a backup in its place")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(
            f"{name} cannot be opened for writing; check the rights on it and on {Path(shown(url)).parent}"
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return StoreError(f"{name} cannot be written: {cause}; is the disk full?")
    return StoreError(f"{name} cannot be used: {cause}")
