"""The block of a stage may be entered as often as one likes."""

import asyncio
from asyncio import Event, TaskGroup

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


def test_coroutines_that_share_a_block_end_their_own_time(told: Told) -> None:
    """Whatever their order: what one says behind its block is of no stage any more."""
    task = told.task()
    block = task.stage("call")

    async def call(name: str, *, waits: Event, began: Event, ended: Event) -> None:
        with block:
            began.set()
            await waits.wait()
            task.output(name)
        task.output(name)
        ended.set()

    async def both() -> None:
        second_began, first_ended, unheard = Event(), Event(), Event()
        async with TaskGroup() as group:
            group.create_task(call("a", waits=second_began, began=unheard, ended=first_ended))
            await unheard.wait()
            group.create_task(call("b", waits=first_ended, began=second_began, ended=unheard))

    asyncio.run(both())
    outputs = [event for event in told.events if event["type"] == "task:output"]

    assert [(event["data"]["content"], event.get("stage")) for event in outputs] == [
        ("a", "call"),
        ("a", None),
        ("b", "call"),
        ("b", None),
    ]


def test_a_block_that_was_never_entered_ends_nothing(told: Told) -> None:
    """Nor does it raise into the job."""
    task = told.task()
    with task.stage("a"):
        task.stage("b").__exit__(None, None, None)

    assert told.types() == ["stage:started", "stage:completed"]


def test_a_function_can_be_a_stage(told: Told) -> None:
    """Each call goes through it once; its value is the function's."""
    task = told.task()

    @task.stage("double")
    def double(number: int) -> int:
        return 2 * number

    assert [double(1), double(2)] == [2, 4]
    assert told.types() == ["stage:started", "stage:completed"] * 2
