"""Lists of tasks, page by page."""

from pathlib import Path

import pytest

from tasktrail.errors import InvalidCursor
from tasktrail.model.filters import TaskFilter, parse_task_filter
from tasktrail.query.reader import Reader
from tests.support.make import event_bytes
from tests.support.make_trails import Trails


def ids(page: dict[str, object]) -> list[str]:
    """The tasks of a page."""
    return [row["task_id"] for row in page["tasks"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("indexed", [0, 3, 7])
def test_pages_follow_each_other(tmp_path: Path, indexed: int) -> None:
    """Every task once, newest first, however many of them the index has."""
    with Trails(tmp_path) as trails:
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
        for n in range(7):
            trails.record(trails.log("a", task_id=f"gh-{n}"))
            if n < indexed:
                trails.index_all()
        first = reader.tasks(limit=3)
        second = reader.tasks(limit=3, cursor=first["next_cursor"])
        third = reader.tasks(limit=3, cursor=second["next_cursor"])

        assert ids(first) + ids(second) + ids(third) == [f"gh-{n}" for n in range(6, -1, -1)]
        assert {page["total_count"] for page in (first, second, third)} == {7}
        assert third["next_cursor"] is None


def test_paging_is_stable_while_tasks_arrive(tmp_path: Path) -> None:
    """New tasks stand before the first page; the next page is what it would have been."""
    with Trails(tmp_path) as trails:
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
        trails.record(*(trails.log("a", task_id=f"gh-{n}") for n in range(4)))
        cursor = reader.tasks(limit=2)["next_cursor"]
        trails.record(trails.log("b", task_id="gh-0"), trails.log("a", task_id="gh-9"))
        trails.index_all()

        assert ids(reader.tasks(limit=2, cursor=cursor)) == ["gh-1", "gh-0"]


def test_tasks_of_one_moment_are_ordered_by_id(tmp_path: Path) -> None:
    """A tie is no reason to lose one between two pages."""
    with Trails(tmp_path) as trails:
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
        for name in ("b", "c", "a"):
            trails.recorded_at = 1_700_000_000_000_000
            trails.record(trails.log("x", task_id=name))
        trails.index_all()
        found, cursor = [], None
        for _ in range(3):
            page = reader.tasks(limit=1, cursor=cursor)
            found += ids(page)
            cursor = page["next_cursor"]

        assert (found, cursor) == (["c", "b", "a"], None)


def test_a_cursor_belongs_to_its_filter(tmp_path: Path) -> None:
    """And to this list: one of entries is refused."""
    with Trails(tmp_path) as trails:
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
        trails.record(*(trails.log("a", task_id=f"gh-{n}") for n in range(4)), trails.log("b"))
        cursor = reader.tasks(limit=2)["next_cursor"]
        others = [(TaskFilter(status=("failed",)), cursor)]
        others += [(TaskFilter(), reader.logs("gh-1", limit=1)["next_cursor"])]

        for wanted, other in others:
            with pytest.raises(InvalidCursor):
                reader.tasks(wanted, cursor=other)


def test_a_task_that_no_longer_matches_is_not_counted(tmp_path: Path) -> None:
    """What the index still says of it does not count once the task advanced, nor take its place."""
    with Trails(tmp_path) as trails:
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
        trails.record(*(event_bytes("task:started", name) for name in "abcdef"))
        trails.index_all()
        trails.record(*(event_bytes("task:failed", name) for name in "bef"))
        active = reader.tasks(parse_task_filter({"status": ["running"]}), limit=2)

        assert (ids(active), active["total_count"]) == (["d", "c"], 3)
        assert active["next_cursor"] is not None
