"""Tables beside the entries: they are shown what they asked for, in the same transaction."""

import shutil
from pathlib import Path

from tasktrail.index.database import Writing
from tasktrail.index.derived import by_event_type
from tasktrail.index.writer import IndexWriter
from tasktrail.model.entry import Entry
from tasktrail.model.ids import TrailKey
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of

KEY = key_of()


class Seen:
    """A table that only remembers what it was shown."""

    event_types = frozenset({"task:started"})

    def __init__(self) -> None:
        self.rows: list[tuple[str, int]] = []
        self.flushed: list[tuple[str, int]] = []
        self.forgotten: list[int] = []

    def open(self, writing: Writing) -> "Seen":
        """The table, for a transaction."""
        assert not writing.query("meta")
        return self

    def take(self, entry: Entry, key: TrailKey, *, trail: int) -> None:
        """Remembers the entry; a second one of a trail is refused."""
        if (key.id, entry.seq) in self.rows or trail < 1:
            raise ValueError(key.id)
        self.rows.append((key.id, entry.seq))

    def flush(self) -> None:
        """Remembers what was there by then."""
        self.flushed = list(self.rows)

    def forget(self, trail: int) -> None:
        """Remembers that it was told."""
        self.forgotten.append(trail)


def read_all(trails: Trails, seen: Seen) -> IndexWriter:
    """The trail read on in one transaction."""
    with trails.database.writing() as writing:
        writer = IndexWriter(writing, trails.layout, derived=(seen.open,))
        writer.advance(KEY, below=trails.pos[0], max_entries=1_000)
        writer.flush()
    return writer


def test_a_table_is_shown_the_types_it_asked_for_and_no_others(tmp_path: Path) -> None:
    """Everything else passes it by."""
    seen = Seen()
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"), event_bytes("task:started"), trails.log("b"))
        trails.database.create()
        read_all(trails, seen)

    assert seen.rows == seen.flushed == [(KEY.id, 2)]


def test_an_entry_that_a_table_refuses_costs_only_its_row(tmp_path: Path) -> None:
    """It is indexed like any other."""
    seen = Seen()
    seen.rows.append((KEY.id, 1))
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("task:started"), trails.log("b"))
        trails.database.create()
        writer = read_all(trails, seen)

    assert writer.entries == 2
    assert seen.rows == [(KEY.id, 1)]


def test_a_table_forgets_with_the_index(tmp_path: Path) -> None:
    """A trail that is gone is gone from every table."""
    seen = Seen()
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("task:started"))
        trails.database.create()
        read_all(trails, seen)
        shutil.rmtree(trails.layout.trail(KEY))
        read_all(trails, seen)

    assert seen.forgotten == [1]


def test_two_tables_may_want_the_same_type() -> None:
    """Both are shown it, in the order in which they stand."""
    first, second = Seen(), Seen()

    assert by_event_type([first, second]) == {"task:started": [first, second]}
