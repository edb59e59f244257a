"""Plugins as tasks: beginning, input, end and result by themselves."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasktrail.sdk.current import current_task
from tasktrail.sdk.surroundings import TASK_ID_VARIABLE
from tasktrail.sdk.task_context import TaskContext
from tasktrail.sdk.task_runner import TaskRunner
from tests.support.outboxes import Told


def greet(params: dict[str, str], context: TaskContext) -> str:
    """Say hello."""
    context.logger.with_source("git").progress("half", percent=50)
    return f"hello {params['name']}"


def test_a_plugin_is_a_task_that_tells_its_life(told: Told) -> None:
    """Its input first, its result last, and what it logs in between."""
    outcome = TaskRunner(told.client).run(greet, {"name": "you"}, task_id="gh-1")
    created, _, progress, completed = told.events

    assert outcome == "hello you"
    assert told.types()[-1] == "task:completed"
    assert {event["task_id"] for event in told.events} == {"gh-1"}
    assert created["data"] == {
        "title": "greet",
        "source": "plugin",
        "input_message": '{"name":"you"}',
    }
    assert (progress["source"], progress["data"]["percent"]) == ("git", 50)
    assert completed["data"]["result"] == "hello you"


def test_an_older_plugin_runs_and_is_told(told: Told) -> None:
    """It knows of no context; the task is current all the same."""

    def old(params: str) -> str:
        assert current_task() is not None
        return params

    assert TaskRunner(told.client).run(old, "in") == "in"
    assert told.types() == ["task:created", "task:started", "task:completed"]
    assert told.events[0]["task_id"].startswith("old-")
    assert told.events[0]["data"]["input_message"] == "in"


def test_a_plugin_that_fails_fails_its_task(told: Told) -> None:
    """And its exception is the caller's."""

    def broken(params: object) -> None:
        raise OSError(f"no {params}")

    with pytest.raises(OSError, match="no luck"):
        TaskRunner(told.client).run(broken, "luck")

    assert told.types()[-1] == "task:failed"
    assert "no luck" in told.events[-1]["data"]["error"]


def test_a_coroutine_is_run_to_its_end(told: Told) -> None:
    """Its task is current inside, also where a loop runs already."""

    async def plugin(params: int, context: TaskContext) -> int:
        await asyncio.sleep(0)
        assert current_task() is context
        return params + 1

    async def outer() -> object:
        return await asyncio.to_thread(TaskRunner(told.client).run, plugin, 2)

    assert TaskRunner(told.client).run(plugin, 1) == 2
    assert asyncio.run(outer()) == 3
    assert told.types().count("task:completed") == 2


def test_an_outcome_that_the_plugin_told_stands(told: Told) -> None:
    """One end, not two."""

    def plugin(_params: object, context: TaskContext) -> str:
        context.fail("not good enough")
        return "ignored"

    TaskRunner(told.client).run(plugin)

    assert told.types() == ["task:created", "task:started", "task:failed"]


def test_what_is_no_plugin_is_no_task(told: Told) -> None:
    """The mistake is told before anything is recorded."""
    with pytest.raises(TypeError):
        TaskRunner(told.client).run("backup")

    assert told.events == []


def test_plugins_run_at_the_same_time_have_their_own_tasks(told: Told) -> None:
    """Each entry is in the trail of its own plugin."""

    def plugin(params: int, context: TaskContext) -> None:
        for _ in range(20):
            context.logger.info(params)

    runner = TaskRunner(told.client)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: runner.run(plugin, n, task_id=f"t-{n}"), range(8)))
    said = [event for event in told.events if event["type"] == "task:log"]

    assert len(said) == 160
    assert all(event["task_id"] == f"t-{event['data']['message']}" for event in said)


def test_inside_of_a_task_that_somebody_else_tells_it_is_a_stage(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In `tasktrail run`, with the task's own id, the task is not ended twice."""
    monkeypatch.setenv(TASK_ID_VARIABLE, "gh-1")
    TaskRunner(told.client).run(greet, {"name": "x"}, task_id="gh-1")

    assert told.types() == ["stage:started", "task:progress", "stage:completed"]


@pytest.mark.parametrize("params", [None, object(), {1: {2}}, float("nan"), [b"\xff"]])
def test_input_and_result_of_any_kind_are_told(told: Told, params: object) -> None:
    """Nothing that a plugin takes or gives can fail its task."""
    outcome = TaskRunner(told.client).run(lambda given: given, params, task_id="gh-1")

    assert outcome is params
    assert told.types()[-1] == "task:completed"
