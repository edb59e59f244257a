"""The seam to a database: named queries and transactions, nothing of tasks.

Tables are drawn in schema*.sql and queries written in queries*.sql, a pair of files per subject;
each query has a name and a line that says what it answers. What several queries or tables have in
common is a part, which they name in braces. Reading happens in snapshots that see one state and
wait for no writer; writing in one transaction at a time. A database that is missing or unusable is
`IndexDamaged`: everything in it can be made anew.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import files
from typing import Any, Final, Protocol

import msgspec

from tasktrail.errors import StorageFailed

RULES_VERSION: Final = 2  # raised when rows come to mean something else while tables stay
PIECE: Final = re.compile(r"^-- (name|part): (\w+)$", re.MULTILINE)
PART: Final = re.compile(r"\{(\w+)\}")

Row = tuple[Any, ...]


class IndexFailed(StorageFailed):
    """The index's database said no; try again."""


class IndexDamaged(IndexFailed):
    """The index cannot be used as it is; the trails have everything."""


class IndexMissing(IndexDamaged):
    """There is no index yet, or no longer."""


class Queries(Protocol):
    """Answers named queries, all from one state of the database."""

    def query(self, name: str, /, **values: object) -> list[Row]:
        """The rows that a query gives with these values."""
        ...


class Writing(Queries, Protocol):
    """One transaction: what it wrote is seen by its own queries at once."""

    def execute(self, name: str, /, **values: object) -> None:
        """One statement, carried out."""
        ...

    def insert(self, name: str, rows: Iterable[Sequence[object]], /) -> None:
        """All rows, by a statement that takes many at once."""
        ...

    def insert_values(self, name: str, values: Sequence[object], /, *, columns: int) -> None:
        """The same of rows whose values stand one after the other."""
        ...


class Database(Protocol):
    """Where the index is kept."""

    def snapshot(self) -> AbstractContextManager[Queries]:
        """A block of reading from one state; raises IndexDamaged."""
        ...

    def writing(self) -> AbstractContextManager[Writing]:
        """A block that is one transaction: all of it happens, or nothing; raises IndexDamaged."""
        ...

    def create(self) -> None:
        """An empty index, whatever was there before."""
        ...

    def close(self) -> None:
        """All connections are closed."""
        ...


@cache
def schema() -> str:
    """Every table of the index, out of all schema files."""
    return _with_parts(_read_all("schema"))


@cache
def views() -> str:
    """The views for questions in SQL, out of all their files."""
    return _read_all("views")


@cache
def schema_version() -> int:
    """A number that changes with the tables and with what their rows mean, above 0.

    An index of another number is made anew.
    """
    return zlib.crc32(f"{RULES_VERSION}\n{schema()}".encode()) & 0x7FFFFFFF or 1


@cache
def named_queries() -> dict[str, str]:
    """The statements of the query files by name, each with its remarks and its parts."""
    return {
        name: _with_parts(text.strip()) for kind, name, text in _query_pieces() if kind == "name"
    }


@cache
def _parts() -> dict[str, str]:
    pieces = _query_pieces()
    return {name: _without_remarks(text) for kind, name, text in pieces if kind == "part"}


def _query_pieces() -> Iterator[tuple[str, str, str]]:
    """The queries and parts of the query files: kind, name and text of each."""
    _, *found = PIECE.split(_read_all("queries"))
    return zip(found[::3], found[1::3], found[2::3], strict=True)


def _with_parts(text: str) -> str:
    """The text with the parts that it names; other words in braces stay."""
    return PART.sub(lambda used: _parts().get(used[1], used[0]), text)


def _read_all(subject: str) -> str:
    """The SQL files of this room whose names begin so, in the order of their names."""
    found = sorted(
        (one for one in files("tasktrail.index").iterdir() if _is_sql(one.name, subject)),
        key=lambda one: one.name,
    )
    return "\n".join(one.read_text(encoding="utf-8") for one in found)


def _is_sql(name: str, subject: str) -> bool:
    return name.startswith(subject) and name.endswith(".sql")


def as_list(values: Iterable[object]) -> str:
    """The values as a query takes many of them at once, which unpacks them by `json_each`."""
    return msgspec.json.encode(list(values)).decode()


@cache
def statement(name: str) -> str:
    """The statement of that name, without its remarks and its last semicolon."""
    return _without_remarks(named_queries()[name]).rstrip(";")


def _without_remarks(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()
