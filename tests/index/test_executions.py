"""Executions in the index: known by their first entry, ended by their own word."""

from pathlib import Path

import pytest

from tasktrail.index.executions import find_execution, list_executions, trails_of_execution
from tasktrail.model.codec import encode
from tests.support.make_trails import Trails, key_of


def said(kind: str, execution: str = "PX", *, task: str = "J", **fields: object) -> bytes:
    """An event of an execution."""
    return encode({"type": kind, "task_id": task, "execution_id": execution, **fields})


def told(folder: Path, *events: bytes) -> tuple[str, int | None, str | None]:
    """Status, reported duration and error of the execution after these events."""
    with Trails(folder) as trails:
        trails.record(*events)
        trails.index_all()
        with trails.index.snapshot() as queries:
            found = find_execution(queries, "PX")
    assert found is not None
    return found.told.status, found.told.duration_ms, found.told.error


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([said("execution:started")], ("running", None, None)),
        ([said("task:log", data={"message": "x"})], ("running", None, None)),
        (
            [said("execution:started"), said("execution:completed", data={"duration_ms": 7})],
            ("completed", 7, None),
        ),
        ([said("execution:failed", data={"error_message": "no"})], ("failed", None, "no")),
        ([said("task:failed", data={"error": "no"})], ("failed", None, "no")),
        ([said("task:failed"), said("execution:completed")], ("completed", None, None)),
        ([said("execution:failed"), said("execution:completed")], ("failed", None, None)),
    ],
)
def test_an_execution_is_what_its_events_say(
    tmp_path: Path, events: list[bytes], expected: tuple[str, int | None, str | None]
) -> None:
    """Its own end stands before its task's, the first before later ones."""
    assert told(tmp_path, *events) == expected


def test_executions_are_listed_newest_first(tmp_path: Path) -> None:
    """All of them, those of a job, or those of a status."""
    with Trails(tmp_path) as trails:
        trails.record(
            said("execution:started", "A", job_id="J"),
            said("execution:completed", "B", job_id="J"),
            said("execution:started", "C", task="K", job_id="K"),
        )
        trails.index_all()
        with trails.index.snapshot() as queries:
            assert list_executions(queries, job_id=None, status=()) == ["C", "B", "A"]
            assert list_executions(queries, job_id="J", status=()) == ["B", "A"]
            assert list_executions(queries, job_id="J", status=("running",)) == ["A"]
            assert list_executions(queries, job_id="no", status=()) == []


def test_an_execution_over_several_trails_is_one(tmp_path: Path) -> None:
    """Its entries are counted together; a failure anywhere is its failure."""
    with Trails(tmp_path) as trails:
        trails.record(said("execution:completed", task="J"), said("execution:failed", task="K"))
        trails.index_all()
        with trails.index.snapshot() as queries:
            found = find_execution(queries, "PX")
            keys = trails_of_execution(queries, "PX")

    assert found is not None
    assert (found.told.status, found.entries) == ("failed", 2)
    assert keys == [key_of("J"), key_of("K")]


def test_a_removed_trail_takes_its_executions_along(tmp_path: Path) -> None:
    """A trail that was replaced tells only what it holds now."""
    with Trails(tmp_path) as trails:
        trails.record(said("execution:started"))
        trails.index_all()
        trails.indexer.rebuild()
        with trails.index.snapshot() as queries:
            assert list_executions(queries, job_id=None, status=()) == ["PX"]
