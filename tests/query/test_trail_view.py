"""A trail as it is recorded by now, whatever the index has of it."""

from pathlib import Path

import pytest

from tasktrail.errors import TaskNotFound
from tasktrail.model.channels import LOG
from tasktrail.model.filters import EntryFilter
from tasktrail.query.trail_view import trail_view
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of, log_lines


def seqs(trails: Trails, *, below: int | None = None) -> tuple[list[int], int]:
    """The seqs of the trail by its view, and how many parts it took."""
    limit = trails.pos[0] if below is None else below
    with (
        trails.index.snapshot() as queries,
        trail_view(trails.layout, queries, key_of(), below=limit) as view,
    ):
        found = view.select(EntryFilter()).up(after=-1, before=1_000, limit=100)
        assert view.head == found[-1].seq == view.task.as_of
        assert sum(one.entries for one in view.kinds()) == view.task.counts.entries == len(found)
        return [one.seq for one in found], len(view.parts)


def test_an_indexed_trail_is_one_part(tmp_path: Path) -> None:
    """Nothing of its files is read for it."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        trails.index_all()

        assert seqs(trails) == ([1, 2, 3], 1)


def test_the_rest_is_read_from_the_trail(tmp_path: Path) -> None:
    """What was recorded after the last pass of the indexer is there all the same."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        trails.index_all()
        trails.record(event_bytes("task:failed"), trails.log("5"))

        assert seqs(trails) == ([1, 2, 3, 4, 5], 2)


def test_without_an_index_all_is_read_from_the_trail(tmp_path: Path) -> None:
    """The files are the truth."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))

        assert seqs(trails) == ([1, 2, 3], 1)


def test_what_is_not_recorded_is_not_shown(tmp_path: Path) -> None:
    """A line that the checkpoint has not passed may still be cut."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))
        trails.index_all()
        trails.record(trails.log("later"), move_checkpoint=False)

        assert seqs(trails, below=200) == ([1, 2], 1)


def test_a_replaced_trail_is_read_from_its_start(tmp_path: Path) -> None:
    """What the index has of the files that were there before does not count."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 4))
        trails.index_all()
        path = trails.layout.channel(key_of(), LOG)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:2]))
        shorter = seqs(trails)
        path.write_bytes(b"\0" * 50 + b"\n" + b"".join(lines))
        longer = seqs(trails)

    assert (shorter, longer) == (([1, 2], 1), ([1, 2, 3, 4], 1))


@pytest.mark.parametrize("harm", ["missing", "empty"])
def test_a_trail_without_entries_is_not_found(tmp_path: Path, harm: str) -> None:
    """A directory alone is no task."""
    with Trails(tmp_path) as trails:
        if harm == "empty":
            trails.layout.trail(key_of()).mkdir()

        with pytest.raises(TaskNotFound):
            seqs(trails)
