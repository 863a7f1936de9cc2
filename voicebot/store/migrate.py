"""Bringing a database to the tables of this release, once, however many processes open it at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from voicebot.store.migrations import HEAD

LOCK: Final = 0x766F6963
"""Number of the advisory lock that PostgreSQL holds while one process migrates ("voic")."""


def migrate(engine: Engine) -> None:
    """Run what is missing in one transaction that excludes other writers; a database of this release is only read.

    Raises VersionError when a newer release made the database, and what the driver raises.
    """
    with engine.connect() as connection:
        if revision(connection) == HEAD:
            return
    with engine.execution_options(immediate=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if revision(connection) != HEAD:
            upgrade(connection)


def revision(connection: Connection) -> str | None:
    """The revision that the database is at; None: it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


class VersionError(Exception):
    """The database is at a revision that this release does not know."""


def upgrade(connection: Connection) -> None:
    """Run the migrations through `connection`."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise VersionError(str(error)) from error
