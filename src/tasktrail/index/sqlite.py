"""The index in SQLite: one connection writes, others read, each request from a snapshot of its own.

WAL and `synchronous=NORMAL`: a power cut may take the latest transactions, which only means reading
a little again. Never on a network file system. The file is private to its owner. Readers never wait
for the writer; a file that is replaced is noticed by its inode and opened anew.
"""

import os
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from tasktrail.index.database import (
    IndexDamaged,
    IndexFailed,
    IndexMissing,
    Row,
    schema,
    schema_version,
    statement,
)
from tasktrail.store.files import explained

ROWS_PER_INSERT: Final = 500  # one statement for many rows: five times the rows of one each
BUSY_SECONDS: Final = 5.0  # for recovery after a crash, the one thing that readers wait for
DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")  # the last: not our tables
WRITER_PRAGMAS: Final = (
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -32000",
)
SIDE_FILES: Final = ("", "-wal", "-shm")


class SqliteTransaction:
    """Named queries on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def query(self, name: str, /, **values: object) -> list[Row]:
        """The rows that a query gives with these values."""
        return self._connection.execute(statement(name), values).fetchall()

    def execute(self, name: str, /, **values: object) -> None:
        """One statement, carried out."""
        self._connection.execute(statement(name), values)

    def insert(self, name: str, rows: Iterable[Sequence[object]], /) -> None:
        """All rows, by a statement that takes many at once."""
        waiting = iter(rows)
        while block := list(islice(waiting, ROWS_PER_INSERT)):
            self.insert_values(name, list(chain.from_iterable(block)), columns=len(block[0]))

    def insert_values(self, name: str, values: Sequence[object], /, *, columns: int) -> None:
        """The same of rows whose values stand one after the other."""
        most = ROWS_PER_INSERT * columns
        for start in range(0, len(values), most):
            block = values[start : start + most]
            self._connection.execute(_many(name, len(block) // columns, columns), block)


class _Reading(NamedTuple):
    """A connection that reads, and the file that it has open."""

    connection: sqlite3.Connection
    inode: int


class SqliteDatabase:
    """The index in one file; `None` for one that lives in memory, for one thread."""

    def __init__(self, path: Path | None, *, leaves_no_trace: bool = False) -> None:
        """`leaves_no_trace`: for one look at a root at rest, beside which SQLite makes no file."""
        self._path = path
        self._leaves_no_trace = leaves_no_trace
        self._writer: sqlite3.Connection | None = None
        self._idle: deque[_Reading] = deque()

    @contextmanager
    def snapshot(self) -> Iterator[SqliteTransaction]:
        """A block of reading from one state of the index; raises IndexDamaged.

        A missing file and one of another version are as useless as a damaged one.
        """
        if self._path is None:
            yield SqliteTransaction(self._write_connection())
            return
        with self._explained(DAMAGED[:0]):
            reading = self._borrow(self._path)
            try:
                reading.connection.execute("BEGIN")
                yield SqliteTransaction(reading.connection)
                reading.connection.execute("COMMIT")
            except BaseException:
                reading.connection.close()
                raise
            self._idle.append(reading)

    @contextmanager
    def writing(self) -> Iterator[SqliteTransaction]:
        """A block that is one transaction: all of it happens, or nothing; raises IndexDamaged."""
        with self._explained(DAMAGED):
            writer = self._write_connection()
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(writer)
                writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    writer.execute("ROLLBACK")
                raise

    def connection_to_read(self) -> sqlite3.Connection:
        """A connection of the caller's own that cannot write to the index; raises IndexDamaged."""
        if self._path is not None:
            with self._explained(DAMAGED[:0]):
                return _open_to_read(self._path, leaves_no_trace=self._leaves_no_trace)
        copy = _connect(":memory:")
        self._write_connection().backup(copy)
        return copy

    def create(self) -> None:
        """An empty index of our version, whatever was there before, in one transaction.

        Readers see the old one until it is done. A file that is no database is deleted.
        """
        try:
            self._recreate()
        except IndexDamaged:
            self._discard()
            self._recreate()

    def close(self) -> None:
        """All connections are closed.

        The writer last: whoever is last moves the log into the file, and readers cannot.
        """
        while self._idle:
            self._idle.pop().connection.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _recreate(self) -> None:
        with self.writing() as transaction:
            writer = transaction._connection  # noqa: SLF001 - its own class
            things = "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"
            for kind, name in writer.execute(things).fetchall():
                writer.execute(f'DROP {kind} "{name}"')
            for part in schema().split(";\n"):
                writer.execute(part)
            writer.execute(f"PRAGMA user_version = {schema_version()}")

    def _discard(self) -> None:
        """The file is deleted; nothing in it was original."""
        self.close()
        if self._path is not None:
            for side in SIDE_FILES:
                Path(f"{self._path}{side}").unlink(missing_ok=True)

    def _write_connection(self) -> sqlite3.Connection:
        if self._writer is None:
            if self._path is None:
                self._writer = _connect(":memory:")
                self._writer.deserialize(_empty_image())
            else:
                _make_private(self._path)
                self._writer = _connect(str(self._path))
                for pragma in WRITER_PRAGMAS:
                    self._writer.execute(pragma)
        return self._writer

    def _borrow(self, path: Path) -> _Reading:
        """A connection to the file that has the name now."""
        try:
            inode = path.stat().st_ino
        except OSError as error:
            raise IndexMissing(f"expected an index in {path}: {error.strerror}") from error
        with suppress(IndexError):
            while True:
                reading = self._idle.pop()
                if reading.inode == inode:
                    return reading
                reading.connection.close()
        return _Reading(_open_to_read(path, leaves_no_trace=self._leaves_no_trace), inode)

    @contextmanager
    def _explained(self, damaged: tuple[str, ...]) -> Iterator[None]:
        """A block in which SQLite's errors become ours, IndexDamaged by these codes or any."""
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            reason = f"the index {self._path or 'in memory'} failed: {error} {name}"
            if name.startswith(damaged or ""):
                raise IndexDamaged(reason) from error
            raise IndexFailed(reason) from error


def _make_private(path: Path) -> None:
    """An empty file for its owner alone, where there is none.

    One that is there is never opened beside SQLite: closing it would drop every lock that this
    process has on it, and the next command that ends would delete the log under our feet.
    """
    with explained("make", path), suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))


@lru_cache(maxsize=256)
def _many(name: str, rows: int, columns: int) -> str:
    """The statement for so many rows: a long text, of which most inserts need the same."""
    one = "(" + ",".join("?" * columns) + ")"
    return statement(name).replace("{rows}", ",".join([one] * rows))


@cache
def _empty_image() -> bytes:
    """The bytes of an index that holds nothing: quicker loaded than made."""
    connection = _connect(":memory:")
    try:
        connection.executescript(schema())
        return connection.serialize()
    finally:
        connection.close()


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,  # handed from thread to thread, used by one at a time
        uri=name.startswith("file:"),
    )
    connection.create_function("holds_text", 3, _holds_text, deterministic=True)
    return connection


def _holds_text(wanted: str, name: str, title: str | None) -> bool:
    """Whether the id or the title holds the text, whatever its case."""
    return wanted in name.casefold() or (title is not None and wanted in title.casefold())


def _open_to_read(path: Path, *, leaves_no_trace: bool = False) -> sqlite3.Connection:
    """A connection that cannot write; also on a volume where nothing can be written."""
    place = f"file:{quote(str(path.absolute()))}"
    is_at_rest = leaves_no_trace and not Path(f"{path}-wal").exists()
    for mode in ("mode=ro", "mode=ro&immutable=1")[is_at_rest:]:
        connection = _connect(f"{place}?{mode}")
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if Path(f"{path}-wal").exists():  # its latest transactions are not in the file itself
                break
            continue
        except BaseException:
            connection.close()
            raise
        if version != schema_version():
            connection.close()
            raise IndexDamaged(f"expected version {schema_version()} of {path}, found {version}")
        return connection
    raise IndexDamaged(f"expected an index that can be read in {path}")
