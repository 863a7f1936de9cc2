from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, select, text

from voicebot.call.handoff import TranscriptTurn
from voicebot.store import migrations
from voicebot.store.calls import CallStore
from voicebot.store.database import Database
from voicebot.store.engine import StoreBusyError, StoreError, UnfitError
from voicebot.store.spool import Record
from voicebot.store.tables import AuditRow, Base, CallRow, OutboxRow, TurnRow

NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)


def turn(text: str, at: int = 0) -> TranscriptTurn:
    return TranscriptTurn("caller", text, at, at + 500, 0.9)


def opened(database: Database, call_id: str = "c-1") -> CallStore:
    calls = CallStore(database)
    calls.open_call(call_id, caller="+4930111", called="+4930222", language="en", started_at=NOON)
    return calls


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Another program that holds the write lock."""
    other = sqlite3.connect(data / "voicebot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_new_database_has_the_tables_of_the_code(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path}/voicebot.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_heads() == [migrations.HEAD]


def test_commits_are_on_the_disk_and_rules_are_kept(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        pragmas = {
            name: database.read(lambda session, name=name: session.execute(text(f"PRAGMA {name}")).scalar())  # type: ignore[misc]
            for name in ("synchronous", "foreign_keys")
        }
        assert pragmas == {"synchronous": 2, "foreign_keys": 1}
        with pytest.raises(UnfitError, match=r"a record \(turn\) does not fit the database: FOREIGN KEY"):
            CallStore(database).commit_turn("never-opened", turn("hello"))
    (aside,) = (tmp_path / "spool" / "rejected").iterdir()
    assert "hello" in aside.read_text("utf-8"), "it is there for a person"


def test_a_database_that_is_removed_under_a_running_service_is_made_anew(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        opened(database).commit_turn("c-1", turn("before"))
        for file in tmp_path.glob("voicebot.db*"):
            file.unlink()
        calls = opened(database, "c-2")
        calls.commit_turn("c-2", turn("after"))
    with Database.open(tmp_path) as database:
        assert [line.text for line in CallStore(database).transcript("c-2")] == ["after"]


def test_a_thread_that_hangs_in_the_database_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with Database.open(tmp_path, deadline_s=0.1) as database:
        with database._keeping:
            opened(database)
        assert len(database.spool.files()) == 1
        database.import_spool()
        assert database.read(lambda session: session.get_one(CallRow, "c-1")).caller == "+4930111"


def test_the_data_directory_is_private(tmp_path: Path) -> None:
    Database.open(tmp_path / "deep" / "var").close()
    assert (tmp_path / "deep" / "var").stat().st_mode & 0o077 == 0


def test_the_database_is_private_wherever_it_lies(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with Database.open(tmp_path):
        files = [file for file in tmp_path.iterdir() if file.name.startswith("voicebot.db")]
        assert files
        assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_processes_that_open_a_new_database_at_once_all_succeed(tmp_path: Path) -> None:
    code = "import sys, pathlib; from voicebot.store.database import Database; Database.open(pathlib.Path(sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(4)]
    outcomes = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
    assert outcomes == [(b"", 0)] * 4


def test_what_is_committed_survives_a_kill(tmp_path: Path) -> None:
    code = """
import os, pathlib, signal, sys
from datetime import UTC, datetime
from tests.store.test_database import opened, turn
from voicebot.store.database import Database
calls = opened(Database.open(pathlib.Path(sys.argv[1])))
calls.commit_turn("c-1", turn("the last words"))
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=root, timeout=60, check=False)
    assert done.returncode == -9
    with Database.open(tmp_path) as database:
        assert [line.text for line in CallStore(database).transcript("c-1")] == ["the last words"]


def test_a_change_comes_with_its_audit_row_and_its_event(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        opened(database).close_call("c-1", outcome="completed", reason="goodbye", ended_at=NOON, recording="r")
        row = database.read(lambda session: session.get_one(CallRow, "c-1"))
        acts = database.read(lambda session: session.execute(select(AuditRow.action, AuditRow.subject)).all())
        events = database.read(lambda session: session.execute(select(OutboxRow.kind, OutboxRow.sent_at)).all())
    assert (row.outcome, row.reason, row.ended_at, row.recording) == ("completed", "goodbye", NOON, "r")
    assert [tuple(act) for act in acts] == [("call.opened", "c-1"), ("call.closed", "c-1")]
    assert [tuple(event) for event in events] == [("call.opened", None), ("call.closed", None)]


def test_a_transcript_is_in_order_of_speech(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        calls = opened(database)
        calls.commit_turn("c-1", turn("second", 900))
        calls.commit_turn("c-1", turn("first", 100))
        assert calls.transcript("c-1") == (turn("first", 100), turn("second", 900))
        assert CallStore(database, "other tenant").transcript("c-1") == ()


def test_while_the_database_is_busy_nothing_is_lost(tmp_path: Path) -> None:
    with Database.open(tmp_path, deadline_s=0.1) as database:
        calls = opened(database)
        with locked(tmp_path):
            calls.commit_turn("c-1", turn("one"))
            calls.commit_turn("c-1", turn("two", 600))
            assert len(database.spool.files()) == 2
            with pytest.raises(StoreBusyError, match="is busy: another program holds it"):
                database.write(lambda session: session.execute(text("DELETE FROM turns")))
            assert database.read(lambda session: session.scalar(select(func.count(CallRow.id)))) == 1
        calls.commit_turn("c-1", turn("three", 1200))
        assert database.spool.files() == []
        assert [line.text for line in calls.transcript("c-1")] == ["one", "two", "three"]


def test_a_spool_left_by_a_dead_process_is_imported_at_the_next_start(tmp_path: Path) -> None:
    with Database.open(tmp_path, deadline_s=0.1) as database, locked(tmp_path):
        opened(database, "c-2").commit_turn("c-2", turn("spooled"))
    with Database.open(tmp_path) as database:
        assert [line.text for line in CallStore(database).transcript("c-2")] == ["spooled"]
        assert database.spool.files() == []


def test_importing_a_record_twice_is_importing_it_once(tmp_path: Path) -> None:
    with Database.open(tmp_path, deadline_s=0.1) as database:
        with locked(tmp_path):
            opened(database).commit_turn("c-1", turn("once"))
        copies = {path.name: path.read_bytes() for path in database.spool.files()}
        database.import_spool()
        for name, content in copies.items():
            (database.spool.directory / name).write_bytes(content)
        database.import_spool()
        assert database.spool.files() == []
        assert database.read(lambda session: session.scalar(select(func.count(TurnRow.number)))) == 1


def test_a_value_that_no_database_takes_is_refused_and_blocks_nothing(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        calls = opened(database)
        for misfit in (turn("x", 2**70), turn("lone \ud800")):
            with pytest.raises(StoreError, match=r"a record \(turn\) does not fit the database"):
                calls.commit_turn("c-1", misfit)
        calls.commit_turn("c-1", turn("fine"))
        assert [line.text for line in calls.transcript("c-1")] == ["fine"]


def test_spool_files_that_never_fit_are_set_aside_and_do_not_block_the_rest(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        opened(database)
        spool = database.spool
        spool.put(Record("nonsense", "1", {}))
        spool.put(Record("turn", "2", {"call_id": "unknown call", "tenant_id": "default"}))
        (spool.directory / "3.json").write_text("{ half")
        good = {"speaker": "bot", "text": "fine", "start_ms": 0, "end_ms": 1, "intents": []}
        spool.put(
            Record(
                "turn", "4", {**good, "call_id": "c-1", "tenant_id": "default", "keyed": False, "interrupted": False}
            )
        )
        database.import_spool()
        assert [line.text for line in CallStore(database).transcript("c-1")] == ["fine"]
        assert spool.files() == []
        assert len(list((spool.directory / "rejected").iterdir())) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"this is no database" * 100, "is damaged or no database; move it away"),
        (b"SQLite format 3\0" + b"\7" * 5000, ""),
    ],
)
def test_a_damaged_database_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "voicebot.db").write_bytes(content)
    with pytest.raises(StoreError, match=f"the database {tmp_path}/voicebot.db .*{message}"):
        Database.open(tmp_path)


def test_a_database_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    with Database.open(tmp_path) as database:
        database.write(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StoreError, match="was made by a newer voicebot; update this one"):
        Database.open(tmp_path)


def test_a_directory_that_cannot_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"the data directory .*file/var cannot be made: .*; name another with --data"):
        Database.open(tmp_path / "file" / "var")


def test_a_database_that_cannot_be_opened_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "voicebot.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened for writing; check the rights on it and on"):
        Database.open(tmp_path)


def test_an_address_that_is_none_does_not_get_out(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"'store.url' is no database URL") as caught:
        Database.open(tmp_path, "swordfish")
    assert "swordfish" not in str(caught.value)


def test_a_full_disk_is_a_clear_error_and_the_record_is_not_thought_kept(tmp_path: Path) -> None:
    code = """
import pathlib, resource, signal, sys
from tests.store.test_database import opened, turn
from voicebot.store.database import Database
from voicebot.store.engine import StoreError
calls = opened(Database.open(pathlib.Path(sys.argv[1])))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    calls.commit_turn("c-1", turn("x" * 5000))
except StoreError as error:
    sys.stdout.write(str(error))
"""
    root, environment = Path(__file__).parents[2], {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "is the disk full?; nor can" in done.stdout
    with Database.open(tmp_path) as database:
        assert CallStore(database).transcript("c-1") == ()
        assert list(database.spool.directory.iterdir()) == []
