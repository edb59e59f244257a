"""Executions as they are answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.errors import ExecutionNotFound, InvalidFilter
from tasktrail.model.filters import EntryFilter
from tests.query.histories import reader_of, said
from tests.support.make_trails import Trails


@pytest.fixture
def trails(tmp_path: Path) -> Iterator[Trails]:
    """One execution that logged and ended, and one that said no more than that it runs."""
    with Trails(tmp_path) as made:
        made.record(
            said("execution:started", task="J", job_id="J", execution_id="A"),
            said("task:log", task="J", execution_id="A", data={"message": "step"}),
            said("execution:completed", task="J", execution_id="A", data={"summary": "fine"}),
            said("execution:started", task="J", job_id="J", execution_id="B"),
        )
        made.index_all()
        yield made


def test_an_execution_says_how_it_went(trails: Trails) -> None:
    """Its times, its duration, what it told of itself, and how much it logged."""
    found = reader_of(trails).execution("A")

    told = (found["status"], found["result_summary"], found["log_count"])

    assert told == ("completed", "fine", 3)
    assert (found["job_id"], found["task_id"], found["duration_ms"]) == ("J", "J", 2_000)


def test_one_that_logged_nothing_is_there_too(trails: Trails) -> None:
    """It runs, and nobody said when it ended."""
    found = reader_of(trails).executions(job_id="J")

    assert [one["id"] for one in found["executions"]] == ["B", "A"]
    assert (found["executions"][0]["status"], found["executions"][0]["completed_at"]) == (
        "running",
        None,
    )
    assert (found["count"], found["total"], found["has_more"]) == (2, 2, False)


def test_executions_come_in_pages(trails: Trails) -> None:
    """By limit and offset, and by status."""
    reader = reader_of(trails)

    assert reader.executions(limit=1)["has_more"]
    assert [one["id"] for one in reader.executions(limit=1, offset=1)["executions"]] == ["A"]
    assert [one["id"] for one in reader.executions(status=("active",))["executions"]] == ["B"]
    assert reader.executions(job_id="no")["executions"] == []


def test_the_entries_of_an_execution_are_its_own(trails: Trails) -> None:
    """Filters hold within it; the tasks keep their names."""
    found = reader_of(trails).execution_logs("A", EntryFilter(level=("info",)))

    assert [(row["seq"], row["task_id"]) for row in found["logs"]] == [(1, "J"), (2, "J"), (3, "J")]


def test_what_is_not_there_is_named(trails: Trails) -> None:
    """An unknown execution, an unknown status."""
    with pytest.raises(ExecutionNotFound):
        reader_of(trails).execution_logs("no")
    with pytest.raises(InvalidFilter, match="status"):
        reader_of(trails).executions(status=("asleep",))


def test_an_answer_that_is_behind_says_so(trails: Trails) -> None:
    """What the index does not have yet is not in it."""
    trails.record(said("execution:started", task="K", execution_id="C"))

    assert reader_of(trails).executions()["behind"]
