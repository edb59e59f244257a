"""A context ends where it may, and a child process finds what its parent gave it."""

import contextvars

import pytest

from tasktrail.sdk.current import current_task
from tasktrail.sdk.surroundings import TASK_ID_VARIABLE, inherited_task_id
from tests.support.outboxes import Told


def test_an_end_in_another_context_harms_nobody(told: Told) -> None:
    """A generator that is closed elsewhere cannot put back what was before."""
    task = told.task("a")
    contextvars.copy_context().run(task.__enter__)
    task.__exit__(None, None, None)

    assert told.types()[-1] == "task:completed"
    assert current_task() is None


def test_the_environment_names_the_task_of_a_child(
    monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    """What a task gives its child, the child finds; an empty name is none."""
    given = told.task("gh-9").environ()
    monkeypatch.setenv(TASK_ID_VARIABLE, given[TASK_ID_VARIABLE])
    found = inherited_task_id()
    monkeypatch.setenv(TASK_ID_VARIABLE, "")

    assert given == {"TASKTRAIL_DATA": str(told.root), TASK_ID_VARIABLE: "gh-9"}
    assert (found, inherited_task_id()) == ("gh-9", None)
