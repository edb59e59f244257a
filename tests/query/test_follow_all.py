"""Following all tasks."""

from pathlib import Path

import pytest

from tasktrail.errors import InvalidCursor
from tasktrail.model.filters import EntryFilter
from tasktrail.query import follow_all
from tasktrail.query.follow_all import AllFollower, FollowAll
from tasktrail.query.reader import Reader
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, log_lines


def follower_of(trails: Trails, cursor: str | None = None) -> AllFollower:
    """A follower from now on, or from a cursor."""
    reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
    return AllFollower(reader, cursor=cursor)


def told(follower: AllFollower, *, limit: int = 500) -> list[str]:
    """What the next batch says."""
    batch = follower.next_batch(limit)
    return [] if batch is None else [f"{row['task_id']} {row['message']}" for row in batch.logs]


def test_only_what_is_recorded_from_now_on_is_told(tmp_path: Path) -> None:
    """Of every task, known or new."""
    with Trails(tmp_path, partitions=2) as trails:
        trails.record(*log_lines(trails, 100), trails.log("old", task_id="b"))
        follower = follower_of(trails)
        before = told(follower)
        trails.record(trails.log("one"), trails.log("two", task_id="new"), trails.log("three"))
        after = told(follower)

        assert before == []
        assert sorted(after) == ["gh-1 one", "gh-1 three", "new two"]
        assert [one for one in after if one.startswith("gh-1")] == ["gh-1 one", "gh-1 three"]
        assert told(follower) == []


def test_a_long_run_of_one_task_is_told_whole(tmp_path: Path) -> None:
    """However far back its first new entry lies."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 30))
        follower = follower_of(trails)
        trails.record(*log_lines(trails, 300))

        assert told(follower) == [f"gh-1 line {n}" for n in range(1, 301)]


def test_a_follower_goes_on_where_another_ended(tmp_path: Path) -> None:
    """Its cursor tells the place in every partition; nothing is told twice or left out."""
    with Trails(tmp_path, partitions=3) as trails:
        first = follower_of(trails)
        for n in range(6):
            trails.record(*(trails.log(f"{n}", task_id=f"t{m}") for m in range(4)))
        found, cursor = told(first, limit=3), first.cursor
        second = follower_of(trails, cursor=cursor)
        while more := told(second, limit=3):
            found += more

        assert sorted(found) == sorted(f"t{m} {n}" for n in range(6) for m in range(4))


def test_who_names_a_moment_sees_what_was_recorded_by_then(tmp_path: Path) -> None:
    """Who is already beyond it sees what there is, and misses nothing."""
    with Trails(tmp_path) as trails:
        follow = FollowAll(follower_of(trails)._reader)  # noqa: SLF001 - the same root
        start = follow.end()
        trails.record(trails.log("a"))
        then = follow.recorded()
        trails.record(trails.log("b"))
        beyond = follow.end()
        trails.record(trails.log("c"))
        found = [
            follow.next_batch(EntryFilter(), cursor=cursor, max_entries=9, recorded=then)
            for cursor in (start, beyond)
        ]

    assert [[row["message"] for row in one.logs] for one in found if one] == [["a"], ["c"]]


def test_a_filter_holds_for_all_tasks(tmp_path: Path) -> None:
    """And may be changed on the way."""
    with Trails(tmp_path) as trails:
        follower = follower_of(trails)
        follower.refilter(EntryFilter(min_level="error"))
        trails.record(trails.log("fine"), trails.log("bad", level="error", task_id="b"))
        first = told(follower)
        follower.refilter(EntryFilter())
        trails.record(trails.log("fine again"))

        assert (first, told(follower)) == (["b bad"], ["gh-1 fine again"])


def test_sessions_are_told_too(tmp_path: Path) -> None:
    """An entry of a session's own trail names the session and no task."""
    with Trails(tmp_path) as trails:
        follower = follower_of(trails)
        trails.record(event_bytes("session:started", None, session_id="s-1"))
        batch = follower.next_batch()

        assert batch is not None
        assert [(row["task_id"], row["session_id"]) for row in batch.logs] == [(None, "s-1")]


def test_where_nobody_can_tell_what_came_a_gap_is_told(tmp_path: Path) -> None:
    """A journal that does not reach back is no reason for silence."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        follower = follower_of(trails)
        trails.record(trails.log("b"))
        trails.layout.touched(0).unlink()
        batch = follower.next_batch()

        assert batch is not None
        assert (batch.logs, batch.has_gap) == ([], True)
        assert follower.next_batch() is None


@pytest.mark.parametrize("cursor", ["", "abc", "AAAA"])
def test_a_text_that_is_no_cursor_is_refused(tmp_path: Path, cursor: str) -> None:
    """As in lists."""
    with Trails(tmp_path) as trails, pytest.raises(InvalidCursor):
        follower_of(trails, cursor=cursor)


@pytest.mark.parametrize("near", [1 << 30, 0], ids=["ends", "index"])
def test_a_batch_is_bounded_in_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    """Long entries come in more batches, each once and in the order of the spool."""
    monkeypatch.setattr(follow_all, "BATCH_BYTES", 1_000)
    monkeypatch.setattr(follow_all, "NEAR_BYTES", near)
    with Trails(tmp_path) as trails:
        trails.record(trails.log("old"))
        follower = follower_of(trails)
        texts = [f"{number} {'x' * 300}" for number in range(9)]
        trails.record(*(trails.log(one, task_id=f"gh-{n % 3}") for n, one in enumerate(texts)))
        trails.index_all()
        batches = []
        while batch := told(follower):
            batches.append(batch)

    assert [one.partition(" ")[2] for batch in batches for one in batch] == texts
    assert max(map(len, batches)) <= 3
