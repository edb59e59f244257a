"""Full blocks tell what lies in which stretch of time, however they were read."""

import sqlite3
from array import array
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tasktrail.index.blocks import BLOCK_ENTRIES, BlockBatch, Place, Stretches, divided
from tasktrail.index.indexer import Indexer
from tasktrail.index.sqlite import SqliteDatabase
from tests.support.make_trails import Trails

Kept = list[tuple[object, ...]]
HOUR = 3_600_000_000


def kept_of(trails: Trails) -> tuple[Kept, Kept]:
    """The sums of blocks in the index, and their times."""
    with closing(sqlite3.connect(trails.layout.index)) as connection:
        names = dict(connection.execute("SELECT kind, source FROM kinds"))
        sums = connection.execute("SELECT * FROM blocks").fetchall()
        times = connection.execute("SELECT * FROM block_times").fetchall()
    return (
        sorted((*row[:2], names[row[2]], *row[3:]) for row in sums),
        sorted((*row[:2], names[row[2]], *row[3:]) for row in times),
    )


def rows_of(times: list[int]) -> list[tuple[int, int, int, int, bytes, bytes]]:
    """One block with entries of these times, as it is kept."""
    database = SqliteDatabase(None)
    with closing(database), database.writing() as writing:
        batch = BlockBatch(writing)
        seqs = range(BLOCK_ENTRIES, BLOCK_ENTRIES + len(times))
        batch.add(Place(1, 7, 20), [*seqs], times)
        batch.close(3, before=0, as_of=2 * BLOCK_ENTRIES)
        batch.flush()
        everything = {"trail": 3, "kinds": None, "since": -(1 << 62), "until": 1 << 62}
        return writing.query("divided_blocks", start=-1, width=1, **everything)


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 9 * HOUR), min_size=2, max_size=40, unique=True),
    st.integers(1, 3 * HOUR),
    st.integers(0, 5 * HOUR),
)
def test_a_block_is_taken_apart_as_if_its_entries_were_read(
    times: list[int], width: int, since: int
) -> None:
    """By stretch the number, the first seq and the last; also of clocks that fall."""
    asked = Stretches(0, width, since, 7 * HOUR)
    expected: dict[int, list[int]] = {}
    for seq, at in enumerate(times, BLOCK_ENTRIES):
        if since <= at < asked.until:
            expected.setdefault(at // width, []).append(seq)

    found = divided(rows_of(times), asked)

    assert {part[0]: part[1:] for part in found} == {
        at: (20, len(seqs), min(seqs), max(seqs)) for at, seqs in expected.items()
    }


def test_entries_far_apart_are_kept_in_eight_bytes() -> None:
    """And those of an hour in four."""
    (near,), (far,) = rows_of([0, HOUR]), rows_of([0, 100 * HOUR])

    assert array("I", near[4]).tolist() == [0, HOUR]
    assert array("q", far[4]).tolist() == [0, 100 * HOUR]


def test_however_a_trail_is_read_its_blocks_are_the_same(tmp_path: Path) -> None:
    """In one go, or as it grew, with transactions that end within a block."""
    with Trails(tmp_path) as trails:
        for first in (0, 700, 1_500):
            lines = (trails.log("x", source=f"s{n % 3}") for n in range(first, first + 800))
            trails.record(*lines)
            trails.index_all()
        grown = kept_of(trails)
        Indexer(trails.layout, trails.root, trails.database).rebuild()
        at_once = kept_of(trails)
        few = Indexer(trails.layout, trails.root, trails.database, entries_per_transaction=300)
        few.rebuild()

        assert grown == at_once == kept_of(trails)
        assert sum(int(str(row[4])) for row in grown[0]) == 2 * BLOCK_ENTRIES - 1
