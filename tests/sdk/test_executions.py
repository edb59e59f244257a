"""Executions of scheduled jobs tell their beginning and end, with job and execution id."""

import pytest

from tasktrail.sdk.executions import executed, execution, new_execution_id
from tests.support.outboxes import Told


def test_an_execution_tells_its_life(told: Told) -> None:
    """A task of its own; job and execution stand in each entry, the handler is its stage."""
    with told.client.execution("nightly", handler="report", title="Report") as task:
        task.logger.info("working")
    execution_events = [one for one in told.events if one["type"].startswith("execution:")]

    assert told.types() == [
        "task:created",
        "task:started",
        "execution:started",
        "task:log",
        "execution:completed",
        "task:completed",
    ]
    assert {one["job_id"] for one in told.events} == {"nightly"}
    assert {one["execution_id"] for one in told.events} == {task.task_id}
    assert [one["stage"] for one in execution_events] == ["report", "report"]
    assert execution_events[0]["data"]["message"] == "Starting report"
    assert execution_events[1]["data"]["message"].startswith("Completed in ")
    assert execution_events[1]["data"]["duration_ms"] >= 0


def test_an_execution_that_fails_says_why(told: Told) -> None:
    """And the exception goes on."""
    with (
        pytest.raises(ValueError, match="boom"),
        execution(told.client, "nightly", execution_id="PX_1"),
    ):
        raise ValueError("boom")
    failed = told.events[-2]

    assert told.types()[-2:] == ["execution:failed", "task:failed"]
    assert (failed["task_id"], failed["execution_id"], failed["stage"]) == (
        "PX_1",
        "PX_1",
        "nightly",
    )
    assert failed["data"]["message"].startswith("Failed after ")
    assert failed["data"]["message"].endswith("ms: ValueError('boom')")
    assert failed["data"]["error_message"] == "ValueError('boom')"


def test_a_function_is_executed_by_a_scheduler(told: Told) -> None:
    """Each call is an execution of its own; arguments and result are the function's."""

    def add(one: int, two: int = 1) -> int:
        return one + two

    job = executed(told.client, add, "adding")

    assert (job(1), job(2, two=3)) == (2, 5)
    assert job.__name__ == "add"
    assert len({one["execution_id"] for one in told.events}) == 2
    assert told.types().count("execution:completed") == 2


def test_execution_ids_are_nobody_else_s() -> None:
    """However many there are."""
    assert len({new_execution_id() for _ in range(1_000)}) == 1_000
