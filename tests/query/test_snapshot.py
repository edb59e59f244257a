"""All trails as of one moment: which of them a search has to look at."""

from pathlib import Path

from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.query.snapshot import Snapshot, search_targets
from tests.query.histories import reader_of, said
from tests.support.make_trails import Trails, key_of


def targets(trails: Trails, wanted: EntryFilter) -> list[tuple[str, list[str]]]:
    """Which channels of which tasks are searched."""
    reader = reader_of(trails)
    with trails.index.snapshot() as queries:
        ahead = reader.ahead({0: trails.pos[0]}, reader.recorded())
        found = search_targets(
            trails.layout, queries, wanted, TaskFilter(), ahead, reader.recorded_for
        )
    return [(one.key.id, sorted(one.sizes)) for one in found]


def test_only_trails_and_channels_that_may_match_are_searched(tmp_path: Path) -> None:
    """The index knows which kinds of entries a trail has."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a", level="error"), said("task:created"))
        trails.record(trails.log("b", task_id="gh-2"))
        trails.index_all()

        assert targets(trails, EntryFilter()) == [("gh-2", ["log"]), ("gh-1", ["events", "log"])]
        assert targets(trails, EntryFilter(level=("error",))) == [("gh-1", ["log"])]
        assert targets(trails, EntryFilter(task_id=("gh-2",))) == [("gh-2", ["log"])]


def test_a_snapshot_knows_the_trails_of_a_job(tmp_path: Path) -> None:
    """The oldest first; and shows each as it is recorded."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a", task_id="b", job_id="J"), trails.log("x", task_id="J"))
        trails.index_all()
        with trails.index.snapshot() as queries:
            found = Snapshot(trails.layout, queries, lambda _: trails.pos[0])
            keys = found.trails_of_job("J")
            with found.view(keys[0]) as view:
                head = view.head

    assert keys == [key_of("b"), key_of("J")]
    assert head == 1
