"""A task tells its beginning, its stages, what it does and its one end, as the wire has them."""

import json
import os
import threading
from contextlib import nullcontext, suppress
from typing import Any

import pytest

from tasktrail.model.entry import Entry, render_line
from tasktrail.model.event import parse_event
from tasktrail.model.ids import TrailKey
from tasktrail.sdk.encoding import encode_any
from tests.support.outboxes import Told


def channel_and_line(event: dict[str, Any]) -> tuple[str, dict[str, object]]:
    """Where the event is recorded, and the keys of its line that are not ours."""
    entry = Entry(2, "i", 0, 0, parse_event(encode_any(event)))
    channel, line = render_line(entry, TrailKey("tasks", "gh-1"))
    return channel, json.loads(line)


def test_a_task_tells_its_beginning_and_its_end(told: Told) -> None:
    """Created with where it came from, started, completed."""
    with told.task(title="Fix", source="github"):
        pass

    assert told.types() == ["task:created", "task:started", "task:completed"]
    assert told.events[0]["data"] == {"title": "Fix", "source": "github"}
    assert told.events[2]["data"] == {"status": "completed"}


def test_a_forked_child_that_leaves_the_block_tells_no_end(told: Told) -> None:
    """The task goes on in the process that began it."""
    with suppress(SystemExit), told.task() as task:
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            task.logger.info("the parent still works")
        else:
            task.__exit__(SystemExit, SystemExit(3), None)
            told.client.close()
            os._exit(0)

    assert told.types() == ["task:created", "task:started", "task:log", "task:completed"]


def test_an_exception_makes_the_task_failed_and_goes_on(told: Told) -> None:
    """The error is told with its kind, and not swallowed."""
    with pytest.raises(ValueError, match="boom"), told.task():
        raise ValueError("boom")

    assert told.events[-1]["type"] == "task:failed"
    said = told.events[-1]["data"]
    assert (said["error"], said["error_type"]) == ("ValueError('boom')", "ValueError")
    assert said["traceback"].endswith("ValueError: boom\n")


@pytest.mark.parametrize(
    ("error", "event_type", "status"),
    [
        (SystemExit(0), "task:completed", "completed"),
        (SystemExit(3), "task:failed", None),
        (KeyboardInterrupt(), "task:completed", "cancelled"),
        (GeneratorExit(), "task:completed", "cancelled"),
    ],
)
def test_leaving_early_is_told_as_what_it_is(
    told: Told, error: BaseException, event_type: str, status: str | None
) -> None:
    """An exit without a code is an end; Ctrl-C and a generator let go of are cancellations."""
    with pytest.raises(type(error)), told.task():
        raise error

    assert told.events[-1]["type"] == event_type
    assert told.events[-1]["data"].get("status") == status


def test_the_end_that_was_told_stands(told: Told) -> None:
    """Leaving the block adds no second one."""
    with told.task() as task:
        task.result("PR opened", cost_usd=0.5)

    assert told.types().count("task:completed") == 1
    assert told.events[-1]["data"] == {
        "status": "completed",
        "result": "PR opened",
        "cost_usd": 0.5,
    }


def test_an_exception_after_the_end_is_an_entry(told: Told) -> None:
    """The end stands, and what went wrong behind it does not vanish."""
    with suppress(RuntimeError), told.task() as task:
        task.result("42 rows")
        raise RuntimeError("could not commit")

    assert told.types() == ["task:created", "task:started", "task:completed", "task:log"]
    said = told.events[-1]
    assert (said["level"], said["data"]["message"]) == ("error", "RuntimeError('could not commit')")
    assert said["data"]["metadata"]["traceback"].endswith("RuntimeError: could not commit\n")


def test_an_exception_that_leaves_a_joined_task_is_an_entry_once(told: Told) -> None:
    """Whoever began the task tells its end; what a stage told is not told again."""
    for is_staged in (False, True):
        task = told.client.join("gh-1")
        assert task is not None
        stage = task.stage("build") if is_staged else nullcontext()
        with suppress(ValueError), task, stage:
            raise ValueError("boom")

    assert told.types() == ["task:log", "stage:started", "stage:failed"]
    assert told.events[0]["level"] == "error"


def test_a_task_that_is_entered_again_was_begun_already(told: Told) -> None:
    """It begins and ends once; later exceptions are entries."""
    task = told.task()
    for number in range(2):
        with suppress(ValueError), task:
            raise ValueError(number)

    assert told.types() == ["task:created", "task:started", "task:failed", "task:log"]
    assert told.events[-1]["data"]["message"] == "ValueError(1)"


def test_a_forked_child_that_enters_the_task_is_a_part_of_it(told: Told) -> None:
    """Neither its end nor its exception ends what its parent began."""
    with told.task() as task:
        child = os.fork()
        if not child:
            with suppress(ValueError), task:
                raise ValueError("of the child")
            told.client.close()
            os._exit(0)
        os.waitpid(child, 0)

    begun = ["task:created", "task:started"]
    assert sorted(told.types()) == sorted([*begun, "task:log", "task:completed"])


def test_a_task_without_a_block_tells_only_what_is_called(told: Told) -> None:
    """A shell script that adds a line does not create the task anew."""
    told.task().logger.info("hello")

    assert told.types() == ["task:log"]


def test_ids_stand_in_every_event(told: Told) -> None:
    """Session, job, worker and attempt are said once and meant always."""
    task = told.task(session_id="s-1", attempt=2, job_id=None)
    task.output("x")

    assert (told.events[0]["session_id"], told.events[0]["attempt"]) == ("s-1", 2)
    assert "job_id" not in told.events[0]


def test_everything_in_a_stage_names_it(told: Told) -> None:
    """Also its own beginning and end; stages nest, and end."""
    task = told.task()
    with task.stage("plan"):
        task.output("a")
        with task.stage("ask"):
            task.logger.info("b")
    task.output("c")

    assert [(event["type"], event.get("stage")) for event in told.events] == [
        ("stage:started", "plan"),
        ("task:output", "plan"),
        ("stage:started", "ask"),
        ("task:log", "ask"),
        ("stage:completed", "ask"),
        ("stage:completed", "plan"),
        ("task:output", None),
    ]


def test_a_stage_that_fails_says_so(told: Told) -> None:
    """The exception goes on to the task."""
    task = told.task()
    with pytest.raises(KeyError), task.stage("plan"):
        raise KeyError("x")

    assert told.types() == ["stage:started", "stage:failed"]
    assert told.events[1]["data"]["error"] == "KeyError('x')"
    assert told.events[1]["data"]["duration_ms"] >= 0
    assert task.current_stage is None


def test_threads_and_tasks_have_their_own_stages(told: Told) -> None:
    """What one thread is doing says nothing about another."""
    task, other = told.task(), told.task("gh-2")
    with task.stage("plan"):
        thread = threading.Thread(target=task.output, args=("from a thread",))
        thread.start()
        thread.join()
        other.output("of another task")

    assert [event.get("stage") for event in told.events[1:3]] == [None, None]


def test_what_an_agent_does_is_recorded_in_its_channels(told: Told) -> None:
    """Each call has the form that the wire knows."""
    task = told.task()
    task.thinking("hm")
    task.tool_call("Bash", {"command": "ls"})
    task.tool_result("Bash", "no such file", is_error=True)
    task.user_input("yes", question_type="permission")
    task.knowledge_query("login", tool_name="search", source_types=["code"])
    task.knowledge_result("login", results_count=3)
    task.api_call(model="m", input_tokens=5, cost_usd=0.01, call_id="c-1")
    task.webhook("received", source="github")
    task.response_posted("mcp", source="github", mcp_detected=True)

    lines = [channel_and_line(event) for event in told.events]
    assert [channel for channel, _ in lines] == [
        *["agent_output"] * 3,
        "user_inputs",
        *["knowledge_interactions"] * 2,
        "api_calls",
        "webhook_flow",
        "response_posting",
    ]
    assert lines[1][1]["tool_input"] == '{"command":"ls"}'
    assert lines[2][1]["is_error"] is True
    assert lines[3][1]["question_type"] == "permission"
    assert lines[4][1]["source_types"] == ["code"]
    assert lines[6][1]["call_id"] == "c-1"
    assert lines[7][1]["stage"] == "received"
    assert lines[8][1]["mcp_detected"] is True


def test_unknown_figures_are_not_said(told: Told) -> None:
    """Unknown is not zero."""
    told.task().api_call(model="m")

    assert told.events[0]["data"] == {"model": "m", "success": True}


class Undecided:
    """A value that will not say whether it is anything."""

    def __bool__(self) -> bool:
        raise ValueError("neither")


@pytest.mark.parametrize("said", [[1, 2], "words", 0, Undecided()])
def test_data_that_is_no_mapping_goes_as_it_is_and_the_call_is_named(
    told: Told,
    capsys: pytest.CaptureFixture[str],
    said: Any,  # noqa: ANN401 - all but a mapping
) -> None:
    """Nothing is lost: whoever reads the outbox makes a dead letter of it."""
    task = told.task()
    task.event("my:step", said)
    task.event("my:step", {"fine": True})

    first, second = told.events
    assert (first["type"], task.lost) == ("my:step", 0)
    assert not isinstance(first["data"], dict)
    assert second["data"] == {"fine": True}
    warning = capsys.readouterr().err
    assert "event('my:step', …) of task 'gh-1': expected a mapping as data, found" in warning
