"""The index as readers see it: one snapshot, and whether it is an index of this root at all.

A missing, damaged or foreign index is an empty one: whoever reads then takes everything from the
trails, and the indexer makes the index anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from tasktrail.index.database import Database, IndexDamaged, Queries, Writing, schema_version
from tasktrail.index.sqlite import SqliteDatabase
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root


class IndexStatus(Struct, frozen=True):
    """What `index status` shows."""

    is_usable: bool
    schema: int
    trails: int
    entries: int
    damaged_lines: int
    positions: dict[int, int]  # partition → place in its spool before which everything is indexed


class Index:
    """What readers ask."""

    def __init__(self, database: Database, root: Root) -> None:
        self.database = database
        self._root = root

    @contextmanager
    def snapshot(self) -> Iterator[Queries]:
        """A block of reading from one state of the index, an empty one where there is no other.

        Raises IndexDamaged when the damage shows only while reading: then ask `empty`.
        """
        with self._usable() as queries:
            if queries is not None:
                yield queries
                return
        with self.empty() as queries:
            yield queries

    @contextmanager
    def empty(self) -> Iterator[Queries]:
        """A block of reading from an index that holds nothing."""
        nothing = SqliteDatabase(None)
        try:
            with nothing.snapshot() as queries:
                yield queries
        finally:
            nothing.close()

    @contextmanager
    def _usable(self) -> Iterator[Queries | None]:
        entered = False
        try:
            with self.database.snapshot() as queries:
                ours = is_of(queries, self._root)
                entered = True
                yield queries if ours else None
        except IndexDamaged:
            if entered:
                raise
            yield None

    def positions(self) -> dict[int, int]:
        """How far each partition is indexed; empty where there is no index yet."""
        with self.snapshot() as queries:
            return positions_of(queries)

    def status(self) -> IndexStatus:
        """What the index holds."""
        with self.snapshot() as queries:
            ((trails, entries, damaged),) = queries.query("sizes")
            usable = is_of(queries, self._root)
            return IndexStatus(
                usable, schema_version(), trails, entries, damaged, positions_of(queries)
            )


def open_index(layout: Layout, root: Root, *, leaves_no_trace: bool = False) -> Index:
    """The index of the root, in the one file that the layout names."""
    return Index(SqliteDatabase(layout.index, leaves_no_trace=leaves_no_trace), root)


def positions_of(queries: Queries) -> dict[int, int]:
    """How far each partition is indexed."""
    return {int(p): int(pos) for p, pos in queries.query("positions")}


def is_of(queries: Queries, root: Root) -> bool:
    """Whether the index was made of this root, with as many partitions as it has now."""
    return dict(queries.query("meta")) == _mark(root)


def write_mark(writing: Writing, root: Root) -> None:
    """The index says what it is made of."""
    for name, value in _mark(root).items():
        writing.execute("set_meta", name=name, value=value)


def _mark(root: Root) -> dict[str, str]:
    return {"volume": root.volume_id, "generation": str(root.generation)}
