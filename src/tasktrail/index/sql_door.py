"""The door for questions in SQL: the index, read-only, for a bounded time.

One statement that reads is let through, anything else is refused before it runs. Views are made of
the files views*.sql; what the index does not hold, the words of an entry, they read from its trail
by a function. The connection is the question's own: it waits for nobody and holds up nobody.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from tasktrail.errors import InvalidSql, QueryTimeout, TornEntry
from tasktrail.index.database import IndexDamaged, IndexFailed, views
from tasktrail.index.peek import UNVIEWABLE, message_in
from tasktrail.index.said import local_date, said_by
from tasktrail.index.sqlite import DAMAGED, SqliteDatabase
from tasktrail.index.state import Index
from tasktrail.model.entry import line_fields, parse_line
from tasktrail.model.ids import TrailKey
from tasktrail.model.times import known_time
from tasktrail.store.byte_search import ChannelPart, open_channel
from tasktrail.store.layout import Layout

ALLOWED: Final = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)
REFUSED_FUNCTIONS: Final = frozenset({"load_extension", "fts3_tokenizer"})
STEPS_BETWEEN_LOOKS: Final = 10_000  # of SQLite's machine, between two looks at the clock
LONGEST_VALUE_BYTES: Final = 1 << 28
OPEN_CHANNELS: Final = 64

Row = tuple[object, ...]


class SqlAnswer(Struct, frozen=True):
    """The answer; its rows may be taken while the block is open."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    is_behind: bool = False


class _Parts:
    """Parts of entries, read from their trails; files stay open as long as the door does."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._fds: dict[tuple[str, str], int | None] = {}
        self._last: tuple[object, bytes] = ((), b"")

    def close(self) -> None:
        """All files are closed."""
        for fd in self._fds.values():
            if fd is not None:
                os.close(fd)
        self._fds.clear()

    def part(self, part: str, task_id: str, channel: str, place: int, length: int) -> str | None:
        """The entry's message, identity or metadata; NULL where its line cannot be read."""
        key = TrailKey("tasks", task_id)
        try:
            line = self._line(key, channel, place, length)
            if part == "message":
                return message_in(line, channel, key)
            if part == "id":
                return parse_line(line, channel, key).id
            said = parse_line(line, channel, key).event.data.get("metadata")
            return "{}" if said is None else bytes(said).decode()
        except (TornEntry, OSError, *UNVIEWABLE):
            return None

    def _line(self, key: TrailKey, channel: str, place: int, length: int) -> bytes:
        wanted = (key.id, channel, place)
        if self._last[0] != wanted:
            fd = self._open(key, channel)
            line = b"" if fd is None else os.pread(fd, length, place)
            line_fields(line)  # not an entry: no part of it is there
            self._last = (wanted, line)
        return self._last[1]

    def _open(self, key: TrailKey, channel: str) -> int | None:
        name = (key.id, channel)
        if name not in self._fds:
            if len(self._fds) >= OPEN_CHANNELS:
                self.close()
            self._fds[name] = open_channel(self._layout, ChannelPart(key, channel, 0))
        return self._fds[name]


@contextmanager
def ask_in_sql(layout: Layout, index: Index, text: str, *, seconds: float) -> Iterator[SqlAnswer]:
    """A block with the answer.

    Raises InvalidSql, QueryTimeout or IndexFailed, also while rows are taken.
    """
    if not isinstance(index.database, SqliteDatabase):
        raise InvalidSql("expected an index in SQLite: only it can be asked in SQL")
    connection, parts = index.database.connection_to_read(), _Parts(layout)
    try:
        _prepare(connection, parts)
        connection.create_function("said_by", 5, said_by(layout))
        connection.set_authorizer(_authorize)
        is_late = _alarm(seconds)
        connection.set_progress_handler(is_late, STEPS_BETWEEN_LOOKS)
        with _explained(seconds):
            cursor = connection.execute(text)
            columns = tuple(str(one[0]) for one in cursor.description or ())
            if not columns:
                raise InvalidSql("expected a statement that gives rows")
        yield SqlAnswer(columns, _rows(cursor, is_late, seconds))
    finally:
        parts.close()
        connection.close()


def _prepare(connection: sqlite3.Connection, parts: _Parts) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE_BYTES)
    connection.create_function("entry_part", 5, parts.part)
    connection.create_function("utc_text", 1, known_time, deterministic=True)
    connection.create_function("date", 1, local_date)  # a day is the user's
    for statement in views().split(";\n"):
        connection.execute(statement)


def _authorize(action: int, _first: str | None, name: str | None, *_: str | None) -> int:
    if action not in ALLOWED:
        return sqlite3.SQLITE_DENY
    is_refused = action == sqlite3.SQLITE_FUNCTION and name in REFUSED_FUNCTIONS
    return sqlite3.SQLITE_DENY if is_refused else sqlite3.SQLITE_OK


def _alarm(seconds: float) -> Callable[[], bool]:
    """Says whether the time is over; SQLite then stops."""
    deadline = time.monotonic() + seconds
    return lambda: time.monotonic() > deadline


def _rows(cursor: sqlite3.Cursor, is_late: Callable[[], bool], seconds: float) -> Iterator[Row]:
    """The rows; what becomes of them takes of the time too, however large they are."""
    with _explained(seconds):
        for row in cursor:
            yield row
            if is_late():
                raise _timeout(seconds)


def _timeout(seconds: float) -> QueryTimeout:
    return QueryTimeout(f"expected an answer within {seconds:g} s, it takes longer")


@contextmanager
def _explained(seconds: float) -> Iterator[None]:
    """A block in which SQLite's errors become ours."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError) as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_INTERRUPT":
            raise _timeout(seconds) from error
        if name.startswith(DAMAGED[:2]):
            raise IndexDamaged(f"the index failed: {error} {name}") from error
        if name.startswith(("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_NOMEM", "SQLITE_BUSY")):
            raise IndexFailed(f"the index failed: {error} {name}") from error
        raise InvalidSql(f"expected a statement that reads, found a mistake: {error}") from error
