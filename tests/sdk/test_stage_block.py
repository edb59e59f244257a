"""The block of a stage may be entered as often as one likes."""

import pytest

from tests.support.outboxes import Told


def test_a_block_that_is_entered_again_is_the_stage_s_next_time(told: Told) -> None:
    """As a retry would; a failure of the first does not harm the second."""
    task = told.task()
    attempt = task.stage("call")
    with pytest.raises(KeyError), attempt:
        raise KeyError("x")
    with attempt as entered:
        task.output("a")

    assert entered is task
    assert [(event["type"], event.get("stage")) for event in told.events] == [
        ("stage:started", "call"),
        ("stage:failed", "call"),
        ("stage:started", "call"),
        ("task:output", "call"),
        ("stage:completed", "call"),
    ]


def test_a_block_within_itself_ends_from_the_inside(told: Told) -> None:
    """Each end is of the latest beginning."""
    task = told.task()
    block = task.stage("deep")
    with block, block:
        pass

    assert told.types() == ["stage:started"] * 2 + ["stage:completed"] * 2
    assert task.current_stage is None


def test_a_function_can_be_a_stage(told: Told) -> None:
    """Each call goes through it once; its value is the function's."""
    task = told.task()

    @task.stage("double")
    def double(number: int) -> int:
        return 2 * number

    assert [double(1), double(2)] == [2, 4]
    assert told.types() == ["stage:started", "stage:completed"] * 2
