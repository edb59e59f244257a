"""`tasktrail executions`."""

from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root in which a job ran twice, and once failed."""
    accept(
        tmp_path,
        [
            {"type": "execution:started", "job_id": "JB_1", "execution_id": "PX_1"},
            {"type": "execution:completed", "job_id": "JB_1", "execution_id": "PX_1"},
            {"type": "execution:started", "job_id": "JB_1", "execution_id": "PX_2"},
            {
                "type": "execution:failed",
                "job_id": "JB_1",
                "execution_id": "PX_2",
                "data": {"error": "no page"},
            },
            {"type": "execution:started", "job_id": "JB_2", "execution_id": "PX_3"},
        ],
    )
    return tmp_path


def ids(*arguments: str | Path) -> list[str]:
    """The ids of the executions that are listed."""
    return [row["id"] for row in json_lines(tasktrail("executions", *arguments, "--json").stdout)]


def test_executions_are_listed_newest_first(root: Path) -> None:
    """Of a job, of all jobs, of one status."""
    assert ids("--data", root) == ["PX_3", "PX_2", "PX_1"]
    assert ids("JB_1", "--data", root) == ["PX_2", "PX_1"]
    assert ids("--status", "failed", "--data", root) == ["PX_2"]
    assert ids("--status", "active", "--data", root) == ["PX_3"]


def test_people_see_why_one_failed(root: Path) -> None:
    """In the table, with how many are shown of how many."""
    done = tasktrail("executions", "JB_1", "-n", "1", "--data", root)

    assert "✕ failed" in done.stdout
    assert done.stdout.rstrip().endswith("no page")
    assert done.stderr == "1 of 2 executions\n"


def test_a_status_that_is_none_is_a_usage_error(root: Path) -> None:
    """Exit code 2."""
    assert tasktrail("executions", "--status", "lost", "--data", root).returncode == 2


def test_a_job_that_nobody_knows_has_none(root: Path) -> None:
    """No output, no error."""
    done = tasktrail("executions", "none", "--data", root)

    assert (done.returncode, done.stdout) == (0, "")
