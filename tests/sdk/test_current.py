"""A thread or coroutine knows its task, and so does whom it is carried to."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from tasktrail.sdk.current import current_task
from tests.support.outboxes import Told


def test_the_current_task_is_the_innermost_one(told: Told) -> None:
    """Before and after there is none."""
    found = [current_task()]
    with told.task("a") as outer:
        with told.task("b") as inner:
            found.append(current_task())
        found.append(current_task())
    found.append(current_task())

    assert found == [None, inner, outer, None]


def test_coroutines_inherit_it(told: Told) -> None:
    """Each knows its own, also in the threads that asyncio lends it."""

    async def work(name: str) -> list[str]:
        with told.task(name):
            await asyncio.sleep(0)
            current = [current_task(), await asyncio.to_thread(current_task)]
        return [one.task_id for one in current if one]

    async def both() -> list[list[str]]:
        return list(await asyncio.gather(work("a"), work("b")))

    assert asyncio.run(both()) == [["a", "a"], ["b", "b"]]


def test_an_executor_has_to_be_carried(told: Told) -> None:
    """The stage goes with it; without it there is no task."""
    with ThreadPoolExecutor(1) as pool, told.task("a") as task:
        plain = pool.submit(current_task).result()
        with task.stage("plan"):
            carried = task.carry(lambda: (current_task(), task.current_stage))
        found = list(pool.map(lambda _: carried(), range(3)))

    assert plain is None
    assert found == [(task, "plan")] * 3
