"""`tasktrail watch`."""

from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept, first_line, log_event, serving, started
from tests.cli.test_on_a_terminal import seen
from tests.support.waiting import PATIENCE_SECONDS


def begun(root: Path) -> Path:
    """The root, in which a task is in its stage plan."""
    accept(
        root,
        [
            {"type": "task:created", "task_id": "gh-1", "data": {"title": "Fix login"}},
            {"type": "stage:started", "task_id": "gh-1", "stage": "plan"},
        ],
    )
    return root


def end(root: Path, **said: object) -> None:
    """The task ends."""
    accept(
        root,
        [
            log_event("patch does not apply", level="error"),
            {"type": "stage:completed", "task_id": "gh-1", "stage": "plan"},
            {"type": "task:completed", "task_id": "gh-1", "data": said},
        ],
    )


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("failed", 1), ("cancelled", 1)])
def test_it_ends_with_the_task_and_its_result(tmp_path: Path, status: str, code: int) -> None:
    """Each change of a stage is a line; the exit code is the task's."""
    with started("watch", "gh-1", "--data", begun(tmp_path)) as process:
        first = first_line(process.stdout)
        end(tmp_path, status=status)
        rest, said = process.communicate(timeout=PATIENCE_SECONDS)

    assert first.startswith("● active  plan")
    assert rest.splitlines()[0].startswith("✓ completed  plan")
    assert f"{status}  gh-1  Fix login" in rest
    assert process.returncode == code
    assert ("patch does not apply" in rest) == (status == "failed")
    assert ("more: tasktrail log gh-1" in said) == (status == "failed")


def test_json_lines_are_stages_and_at_last_the_task(tmp_path: Path) -> None:
    """One object per change."""
    end(begun(tmp_path))
    rows = json_lines(tasktrail("watch", "gh-1", "--json", "--data", tmp_path).stdout)

    assert rows[0]["stage"] == "plan"
    assert rows[-1]["task_id"] == "gh-1"


def test_a_task_that_goes_on_is_given_up_in_time(tmp_path: Path) -> None:
    """Exit code 5."""
    done = tasktrail("watch", "gh-1", "--timeout", "0", "--data", begun(tmp_path))

    assert done.returncode == 5
    assert "has not ended yet" in done.stderr


def test_an_unknown_task_is_not_found(tmp_path: Path) -> None:
    """Exit code 3, also on a server."""
    begun(tmp_path)
    with serving(tmp_path) as url:
        remote = tasktrail("watch", "none", "--server", url)

    assert tasktrail("watch", "none", "--data", tmp_path).returncode == 3
    assert remote.returncode == 3


def test_a_terminal_shows_a_picture_that_fits(tmp_path: Path) -> None:
    """Header and stages, never wider than it is."""
    end(begun(tmp_path))
    shown = seen(tmp_path, "watch", "gh-1", environ={"NO_COLOR": "1"})

    assert "✓ completed  gh-1  Fix login" in shown
    assert "✓ completed  plan" in shown
