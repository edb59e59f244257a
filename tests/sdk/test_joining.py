"""An entry of another library finds its task, whoever started this process."""

from pathlib import Path

import pytest

from tasktrail.sdk.joining import failure_of, level_of, task_now, tell
from tasktrail.sdk.surroundings import TASK_ID_VARIABLE
from tests.support.job_programs import run_program
from tests.support.outboxes import Told, events_in


def test_the_current_task_comes_before_the_inherited_one(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which comes before none."""
    nothing = task_now()
    monkeypatch.setenv(TASK_ID_VARIABLE, "parent")
    monkeypatch.setenv("TASKTRAIL_DATA", str(told.root))
    inherited = task_now()
    with told.task("a") as task:
        current = task_now()

    assert nothing is None
    assert inherited is not None
    assert inherited.task_id == "parent"
    assert current is task


def test_a_child_that_knows_nothing_of_us_joins_by_its_handler(tmp_path: Path) -> None:
    """Its parent gave it the environment; it tells neither beginning nor end."""
    program = (
        "import logging, tasktrail\n"
        "logging.basicConfig(level='INFO', handlers=[tasktrail.TaskLogHandler()])\n"
        "logging.getLogger('child').info('hello')\n"
    )
    run_program(program, tmp_path, **{TASK_ID_VARIABLE: "gh-9"})

    (event,) = events_in(tmp_path)
    assert (event["task_id"], event["source"], event["type"]) == ("gh-9", "child", "task:log")


def test_a_child_that_names_its_parent_s_task_joins_it(tmp_path: Path) -> None:
    """Its own block tells neither beginning nor end; another task is its own."""
    program = (
        "import tasktrail\n"
        "with tasktrail.connect() as c:\n"
        "    with c.task('gh-9') as task: task.output('x')\n"
        "    with c.task('other'): pass\n"
    )
    run_program(program, tmp_path, **{TASK_ID_VARIABLE: "gh-9"})

    types = [(event["task_id"], event["type"]) for event in events_in(tmp_path)]
    assert types == [
        ("gh-9", "task:output"),
        *(("other", f"task:{word}") for word in ("created", "started", "completed")),
    ]


def test_a_child_does_not_end_its_parent_s_task(tmp_path: Path) -> None:
    """What it calls the task's result or failure is an entry of it."""
    program = (
        "import tasktrail\n"
        "with tasktrail.connect() as c:\n"
        "    with c.task('gh-9') as task: task.result('mine', cost_usd=0.5)\n"
        "    c.join().fail('not mine')\n"
        "    c.join().result()\n"
    )
    run_program(program, tmp_path, **{TASK_ID_VARIABLE: "gh-9"})

    said, failed, ended = events_in(tmp_path)
    assert (said["type"], said["data"]["content"]) == ("task:output", "mine")
    assert said["data"]["outcome"]["cost_usd"] == 0.5
    assert (failed["type"], failed["level"]) == ("task:log", "error")
    assert failed["data"]["message"] == "not mine"
    assert ended["data"]["content"] == "completed"


def test_a_setting_that_means_nothing_is_told_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And harms nobody."""
    monkeypatch.setenv("TASKTRAIL_URL", "ftp://nowhere")
    monkeypatch.setenv(TASK_ID_VARIABLE, str(tmp_path))

    assert task_now() is None
    assert task_now() is None
    assert capfd.readouterr().err.count("cannot be joined") == 1


def test_an_entry_may_have_been_said_a_while_ago(told: Told) -> None:
    """Then it has that time; source and stage among its fields mean what they say."""
    task = told.task()
    fields = {"source": "git", "stage": "plan", "n": 1}
    tell(task, "info", "now", source="logger", fields=fields)
    tell(task, "info", "then", source="logger", fields=fields, at=1.5)

    first, second = told.events
    assert (first["source"], first["stage"], first["data"]) == (
        *("git", "plan"),
        {"message": "now", "metadata": {"n": 1}},
    )
    assert second["timestamp"] == "1970-01-01T00:00:01.500000Z"
    assert {name: second[name] for name in ("source", "stage")} == {
        "source": "git",
        "stage": "plan",
    }


def test_numbers_and_failures_are_read_as_libraries_mean_them() -> None:
    """Between two levels it is the lower one; what is no exception is none."""
    error = ValueError("x")

    assert [level_of(number) for number in (5, 20, 25, 39, 60)] == [
        *("debug", "info", "info", "warning", "critical"),
    ]
    assert failure_of(error)["error_type"] == "ValueError"
    assert failure_of((ValueError, error, None)) == failure_of(error)
    assert failure_of(None) == failure_of(True) == {}  # noqa: FBT003 - as logging writes it
