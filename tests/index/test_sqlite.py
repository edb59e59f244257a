"""The index's database: snapshots, transactions, and what happens to a file that is no index."""

import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tasktrail.index.database import IndexDamaged, IndexFailed, IndexMissing
from tasktrail.index.sqlite import SqliteDatabase
from tests.support.waiting import PATIENCE_SECONDS

LOOK = (
    "import sqlite3, sys; one = sqlite3.connect(sys.argv[1]); "
    "one.execute('SELECT * FROM sqlite_master').fetchall(); one.close()"
)


def made(path: Path) -> SqliteDatabase:
    """An empty index in that file."""
    database = SqliteDatabase(path)
    database.create()
    return database


def test_a_transaction_happens_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """What an interrupted block wrote is not there."""
    database = made(tmp_path / "index.db")

    def fail_half_way() -> None:
        with database.writing() as writing:
            writing.execute("set_position", p=0, pos=7)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.writing() as writing:
        writing.execute("set_position", p=1, pos=8)

    with database.snapshot() as queries:
        assert queries.query("positions") == [(1, 8)]
    database.close()


def test_a_snapshot_sees_one_state_and_waits_for_nobody(tmp_path: Path) -> None:
    """While a transaction writes, and after it, an open snapshot answers what it answered."""
    database = made(tmp_path / "index.db")
    with database.snapshot() as queries:
        assert queries.query("positions") == []
        with database.writing() as writing:
            writing.execute("set_position", p=0, pos=7)
            assert queries.query("positions") == []
        after = queries.query("positions")
    with database.snapshot() as queries:
        later = queries.query("positions")
    database.close()

    assert (after, later) == ([], [(0, 7)])


def test_readers_cannot_write(tmp_path: Path) -> None:
    """A statement that changes the index fails on a connection that reads."""
    database = made(tmp_path / "index.db")

    with pytest.raises(IndexDamaged), database.snapshot() as queries:
        queries.query("set_position", p=0, pos=7)
    database.close()


def test_many_rows_are_inserted_by_few_statements(tmp_path: Path) -> None:
    """More rows than one statement takes all arrive."""
    database = made(tmp_path / "index.db")
    with database.writing() as writing:
        writing.insert(
            "add_to_rollups", [(1, kind, 0, 2, 1, 2, 1, 2, 1, 2) for kind in range(1_234)]
        )
        writing.insert("add_to_rollups", [(1, 0, 0, 5, 3, 9, 3, 9, 3, 9)])
        writing.insert("add_to_rollups", [])

    with database.snapshot() as queries:
        assert queries.query("sizes") == [(0, 2 * 1_234 + 5, 0)]
    database.close()


def test_the_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    """The index and the files beside it are for their owner only."""
    database = made(tmp_path / "index.db")
    with database.snapshot():
        modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    database.close()

    assert modes == {0o600}


def test_no_file_is_no_index(tmp_path: Path) -> None:
    """Reading makes none."""
    with pytest.raises(IndexMissing), SqliteDatabase(tmp_path / "index.db").snapshot():
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough" * 40, b"SQLite format 3"]
)
def test_a_file_that_is_no_database_is_damaged_and_can_be_made_anew(
    tmp_path: Path, content: bytes
) -> None:
    """Whatever stands in the index's place gives way."""
    path = tmp_path / "index.db"
    path.write_bytes(content)
    with pytest.raises(IndexDamaged), SqliteDatabase(path).snapshot():
        pass
    database = made(path)

    with database.snapshot() as queries:
        assert queries.query("positions") == []
    database.close()


def test_an_index_of_another_version_is_of_no_use(tmp_path: Path) -> None:
    """Its tables may mean anything."""
    made(tmp_path / "index.db").close()
    with sqlite3.connect(tmp_path / "index.db") as other:
        other.execute("PRAGMA user_version = 999")
    other.close()

    with pytest.raises(IndexDamaged), SqliteDatabase(tmp_path / "index.db").snapshot():
        pass


def test_creating_anew_empties_what_was_there(tmp_path: Path) -> None:
    """Tables of other versions go too; a reader that is open keeps its state."""
    database = made(tmp_path / "index.db")
    with database.writing() as writing:
        writing.execute("set_position", p=0, pos=7)
    with database.snapshot() as queries:
        queries.query("positions")
        database.create()
        during = queries.query("positions")
    with database.snapshot() as queries:
        after = queries.query("positions")
    database.close()

    assert (during, after) == ([(0, 7)], [])


def test_a_replaced_file_is_opened_anew(tmp_path: Path) -> None:
    """A reader that had the old file open does not go on answering from it."""
    path = tmp_path / "index.db"
    database = made(path)
    with database.writing() as writing:
        writing.execute("set_position", p=0, pos=7)
    with database.snapshot() as queries:
        before = queries.query("positions")
    for old in list(tmp_path.iterdir()):
        old.unlink()
    made(path).close()
    with database.snapshot() as queries:
        after = queries.query("positions")
    database.close()

    assert (before, after) == ([(0, 7)], [])


def test_an_index_that_nobody_writes_can_be_read(tmp_path: Path) -> None:
    """After its writer closed it, and from a volume that takes no new files."""
    path = tmp_path / "a ?#% name" / "index.db"
    path.parent.mkdir()
    made(path).close()
    reading = SqliteDatabase(path)
    with reading.snapshot() as queries:
        assert queries.query("positions") == []
    reading.close()


def test_a_process_that_came_and_went_takes_no_log_away(tmp_path: Path) -> None:
    """Whoever read before it began to write keeps its locks: what it writes then is seen by all."""
    path = tmp_path / "index.db"
    made(path).close()
    database = SqliteDatabase(path)
    with database.snapshot() as queries:
        queries.query("positions")
    for pos in (7, 8):
        with database.writing() as writing:
            writing.execute("set_position", p=0, pos=pos)
        subprocess.run([sys.executable, "-c", LOOK, path], check=True)
    other = SqliteDatabase(path)
    with other.snapshot() as queries:
        seen = queries.query("positions")
    other.close()
    database.close()

    assert seen == [(0, 8)]


def test_threads_read_at_once(tmp_path: Path) -> None:
    """Each snapshot has a connection of its own."""
    database = made(tmp_path / "index.db")
    meeting, answers = threading.Barrier(4, timeout=PATIENCE_SECONDS), []

    def read() -> None:
        with database.snapshot() as queries:
            meeting.wait()
            answers.append(queries.query("positions"))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()

    assert answers == [[]] * 4


def test_a_writer_that_fails_says_so(tmp_path: Path) -> None:
    """An error that is no damage is a failure of the storage, not a reason to start anew."""
    database = made(tmp_path / "index.db")

    with pytest.raises(IndexFailed) as failure, database.writing() as writing:
        writing.insert("add_to_rollups", [(1, None, 0, 1, 1, 1, 1, 1, 1, 1)])
    database.close()
    assert not isinstance(failure.value, IndexDamaged)


def test_an_index_in_memory_is_an_index(tmp_path: Path) -> None:
    """It starts empty and takes what a file takes."""
    database = SqliteDatabase(None)
    with database.writing() as writing:
        writing.execute("set_position", p=0, pos=7)
    with database.snapshot() as queries:
        assert queries.query("positions") == [(0, 7)]
    database.close()
    assert list(tmp_path.iterdir()) == []
