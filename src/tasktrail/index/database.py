"""The seam to a database: named queries and transactions, nothing of tasks.

Queries are written in queries.sql, each with a name and a line that says what it answers. Reading
happens in snapshots that see one state and wait for no writer; writing in one transaction at a
time. A database that is missing or unusable is `IndexDamaged`: everything in it can be made anew.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import files
from typing import Any, Final, Protocol

from tasktrail.errors import StorageFailed

SCHEMA_VERSION: Final = 1  # raised with every change of schema.sql: an index of another is rebuilt
NAME: Final = re.compile(r"^-- name: (\w+)$", re.MULTILINE)

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


def read_sql(name: str) -> str:
    """The text of an SQL file of this room."""
    return files("tasktrail.index").joinpath(name).read_text(encoding="utf-8")


@cache
def named_queries() -> dict[str, str]:
    """The statements of queries.sql by name, each with its remarks."""
    _, *parts = NAME.split(read_sql("queries.sql"))
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


@cache
def statement(name: str) -> str:
    """The statement of that name, without its remarks and its last semicolon."""
    lines = named_queries()[name].splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).rstrip().rstrip(";")
