"""Followers and pages: every entry once, wherever a reader was cut off, whatever came between."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tasktrail.model.filters import EntryFilter, matches
from tasktrail.model.view import row_of
from tasktrail.query.follow import Follow
from tasktrail.query.reader import PageWords, Reader
from tasktrail.store.scan import iter_trail
from tests.support.event_strategies import event_blobs
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of, log_lines

# Each example makes a root on disk: shrinking a failure would take minutes and tell little more.
on_disk = settings(
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
FILTERS = st.sampled_from(
    [
        EntryFilter(),
        EntryFilter(min_level="warning"),
        EntryFilter(level=("info", "error")),
        EntryFilter(source=("git", "a")),
        EntryFilter(stage=("plan",)),
        EntryFilter(channel=("events", "log")),
        EntryFilter(event_type=("task:log", "task:output")),
        EntryFilter(worker_id=("git",)),
        EntryFilter(item=("plan",)),
        EntryFilter(session_id=("a",), level=("info",)),
        EntryFilter(search=("A",)),
        EntryFilter(search=("disk FULL",), channel=("log",)),
        EntryFilter(since=1_771_063_200_000_000),
        EntryFilter(until=1_771_063_200_000_001, min_level="info"),
        EntryFilter(execution_id=("git",), job_id=("a",), search=("t",)),
    ]
)
blobs = st.lists(event_blobs(st.just({"task_id": "gh-1"})), min_size=1, max_size=12)


def reader_of(trails: Trails) -> Reader:
    """A reader that never waits for the index."""
    return Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)


def truth(trails: Trails, wanted: EntryFilter) -> list[object]:
    """What the trail's files say matches, by the plainest way: all rows, one after the other."""
    lines = iter_trail(trails.layout, key_of(), below=None)
    rows = (row_of(line, channel, key_of()) for channel, line in lines)
    return [row["seq"] for row in rows if matches(wanted, row)]


@settings(on_disk, max_examples=15)
@given(blobs, st.integers(0, 12), FILTERS, st.integers(1, 5), st.sampled_from(["asc", "desc"]))
def test_pages_are_what_the_files_say(
    events: list[bytes], indexed: int, wanted: EntryFilter, limit: int, order: str
) -> None:
    """For any events, filter, order and state of the index, all pages together."""
    with tempfile.TemporaryDirectory() as folder, Trails(Path(folder)) as trails:
        if events[:indexed]:
            trails.record(*events[:indexed])
            trails.index_all()
        if events[indexed:]:
            trails.record(*events[indexed:])
        expected = truth(trails, wanted)
        found: list[object] = []
        paging: PageWords = {"limit": limit, "order": order, "cursor": None}
        while True:
            page = reader_of(trails).logs("gh-1", wanted, **paging)
            found += [row["seq"] for row in page["logs"]]
            assert page["total_count"] == len(expected)
            if page["next_cursor"] is None:
                break
            paging["cursor"] = page["next_cursor"]

        assert found == (expected if order == "asc" else expected[::-1])


@settings(on_disk, max_examples=15)
@given(
    st.lists(st.tuples(blobs, st.booleans(), st.integers(0, 3)), min_size=1, max_size=4),
    FILTERS,
    st.integers(1, 4),
)
def test_a_follower_that_comes_back_misses_nothing(
    steps: list[tuple[list[bytes], bool, int]], wanted: EntryFilter, limit: int
) -> None:
    """Cut off after any batch, whatever is recorded, indexed or rebuilt in between."""
    place, found = 0, []
    with tempfile.TemporaryDirectory() as folder, Trails(Path(folder)) as trails:
        for events, is_indexed, looks in steps:
            trails.record(*events)
            if is_indexed:
                trails.index_all()
            for _ in range(looks):
                follow = Follow(reader_of(trails), trails.watch)
                batch = follow.next_batch("gh-1", wanted, after_seq=place, max_entries=limit)
                found += [row["seq"] for row in batch.logs]
                place = batch.after_seq
        trails.indexer.rebuild()
        follow, is_complete = Follow(reader_of(trails), trails.watch), False
        while not is_complete:
            batch = follow.next_batch("gh-1", wanted, after_seq=place, max_entries=limit)
            found += [row["seq"] for row in batch.logs]
            place, is_complete = batch.after_seq, batch.is_complete

        assert found == truth(trails, wanted)


@pytest.mark.parametrize("cut", range(8))
def test_history_and_live_meet_without_a_seam(tmp_path: Path, cut: int) -> None:
    """A client that read pages up to any entry follows on from there."""
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("task:created"), *log_lines(trails, 4))
        trails.index_all()
        reader, history = reader_of(trails), []
        if cut:
            page = reader.logs("gh-1", EntryFilter(before_seq=cut + 1), limit=cut)
            history = [row["seq"] for row in page["logs"]]
        trails.record(*log_lines(trails, 3))
        after = history[-1] if history else 0
        live = Follow(reader, trails.watch).next_batch("gh-1", EntryFilter(), after_seq=after)

        assert history + [row["seq"] for row in live.logs] == [1, 2, 3, 4, 5, 6, 7, 8]
