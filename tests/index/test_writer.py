"""One transaction of the index: how much it writes, and what it forgets."""

import shutil
from collections.abc import Generator
from itertools import islice
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.index.advance import Advance
from tasktrail.index.entries import kinds_of
from tasktrail.index.runs import Run
from tasktrail.index.tasks import find_state
from tasktrail.index.writer import IndexWriter
from tasktrail.model.channels import LOG
from tasktrail.model.filters import MAX_SEQ
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of, log_lines

KEY = key_of()


def advance(trails: Trails, *, max_entries: int = 1_000) -> bool:
    """The trail read on, in a transaction of its own."""
    with trails.database.writing() as writing:
        writer = IndexWriter(writing, trails.layout)
        is_complete = writer.advance(KEY, below=trails.pos[0], max_entries=max_entries)
        writer.flush()
    return is_complete


def changes(trails: Trails) -> int:
    """How many rows the writing connection has changed so far."""
    return trails.database._write_connection().total_changes  # noqa: SLF001 - work is counted


def test_one_more_entry_changes_four_rows(tmp_path: Path) -> None:
    """Its own, its count, its trail's and its partition's, however long the trail is."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 300))
        trails.index_all()
        before = changes(trails)
        trails.record(trails.log("one more"))
        trails.index_all()

        assert changes(trails) - before == 4


def test_nothing_new_changes_nothing(tmp_path: Path) -> None:
    """A pass over what is indexed already writes no row."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        trails.index_all()
        before = changes(trails)
        trails.index_all()

        assert changes(trails) == before


def test_a_long_trail_is_read_in_several_transactions(tmp_path: Path) -> None:
    """Each ends after so many entries, and the next goes on from there."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 25), event_bytes("task:started"), trails.log("last"))
        trails.database.create()
        steps = [advance(trails, max_entries=10) for _ in range(3)]
        with trails.database.snapshot() as queries:
            state = find_state(queries, KEY)

        assert steps == [False, False, True]
        assert state is not None
        assert (state.as_of, state.task.status) == (27, "active")


def test_a_trail_whose_files_were_replaced_is_read_from_its_start(tmp_path: Path) -> None:
    """Nothing of the old ones stays, and nothing is counted twice."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 5), trails.log("e", level="error", worker_id="w"))
        trails.index_all()
        path = trails.layout.channel(KEY, LOG)
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
        advance(trails)
        with trails.index.snapshot() as queries:
            state = find_state(queries, KEY)
            assert state is not None
            counted = sum(one.entries for one in kinds_of(queries, state.number))

        assert (state.as_of, state.task.counts.entries, counted) == (3, 3, 3)


def test_a_trail_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    """Its rows go with it."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 5))
        trails.index_all()
        shutil.rmtree(trails.layout.trail(KEY))
        advance(trails)

        assert (trails.index.status().trails, trails.index.status().entries) == (0, 0)


def test_a_trail_of_which_nothing_is_recorded_is_not_known(tmp_path: Path) -> None:
    """Lines whose checkpoint has not come do not make it one."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("early"), move_checkpoint=False)
        trails.database.create()
        trails.pos[0] = 0
        advance(trails)

        with trails.database.snapshot() as queries:
            assert find_state(queries, KEY) is None


def test_an_entry_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    """A line whose seq was seen already is counted as damage, not as an entry."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))
        path = trails.layout.channel(KEY, LOG)
        path.write_bytes(path.read_bytes() * 2)
        trails.index_all()
        status = trails.index.status()

        assert (status.entries, status.damaged_lines) == (2, 2)


def test_a_hole_in_the_seqs_costs_nothing(tmp_path: Path) -> None:
    """Entries of a trail that somebody changed are counted as they are, however far apart."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))
        path = trails.layout.channel(KEY, LOG)
        path.write_bytes(path.read_bytes().replace(b'"seq":2,', b'"seq":%d,' % MAX_SEQ))
        trails.index_all()
        status = trails.index.status()

        assert (status.entries, status.damaged_lines) == (2, 0)


def test_entries_that_come_again_later_count_once(tmp_path: Path) -> None:
    """The same when a whole stretch of them follows what was read before."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))
        trails.index_all()
        path = trails.layout.channel(KEY, LOG)
        path.write_bytes(path.read_bytes() * 2)
        advance(trails)
        status = trails.index.status()

        assert (status.entries, status.damaged_lines) == (2, 2)


class FailingAdvance(Advance):
    """A trail on a disk that fails after two lines."""

    def runs(self, *, most: int = 2) -> Generator[Run, None, None]:
        """The first two, then the failure."""
        yield from islice(super().runs(most=min(most, 2)), 1)
        raise StorageFailed("cannot read: EIO")


def test_a_disk_that_fails_half_way_leaves_a_consistent_index(tmp_path: Path) -> None:
    """What was read of the trail is kept, the rest is read when it can be, and nothing twice."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 5))
        trails.database.create()
        with trails.database.writing() as writing:
            writer = IndexWriter(writing, trails.layout, open_trail=FailingAdvance)
            with pytest.raises(StorageFailed):
                writer.advance(KEY, below=trails.pos[0], max_entries=10)
            writer.flush()
        advance(trails)
        with trails.database.snapshot() as queries:
            state = find_state(queries, KEY)

        assert state is not None
        assert (state.as_of, state.task.counts.entries) == (5, 5)
