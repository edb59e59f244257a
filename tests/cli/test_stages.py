"""`tasktrail stages`."""

from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept, log_event


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a job of two pieces of work, and a task that went through two stages."""
    accept(
        tmp_path,
        [
            {"type": "execution:started", "job_id": "JB_1", "execution_id": "PX_1"},
            log_event("reading", "JB_1", job_id="JB_1", stage="read_jd"),
            log_event("scored", "JB_1", job_id="JB_1", stage="score", item="c-1"),
            log_event("scored too", "JB_1", job_id="JB_1", stage="score", item="c-2"),
            {"type": "stage:started", "task_id": "gh-1", "stage": "plan"},
            {"type": "stage:completed", "task_id": "gh-1", "stage": "plan"},
            {"type": "stage:started", "task_id": "gh-1", "stage": "test"},
            log_event("red", level="error", stage="test"),
            {
                "type": "stage:failed",
                "task_id": "gh-1",
                "stage": "test",
                "data": {"error": "2 red"},
            },
        ],
    )
    return tmp_path


def test_a_job_s_stages_name_its_pieces_of_work(root: Path) -> None:
    """In the order in which they were first heard of, each with its entries."""
    rows = json_lines(tasktrail("stages", "JB_1", "--json", "--data", root).stdout)
    found = [(row["stage"], [one["task_id"] for one in row["tasks"]]) for row in rows]

    assert found == [
        ("unknown", ["unknown"]),
        ("read_jd", ["read_jd"]),
        ("score", ["c-1", "c-2"]),
    ]


def test_people_get_a_table(root: Path) -> None:
    """One line for each piece of work."""
    done = tasktrail("stages", "JB_1", "--data", root)

    assert done.returncode == 0
    assert done.stdout.splitlines()[0].split() == ["STAGE", "ITEM", "ENTRIES"]
    assert "score    c-2         1" in done.stdout


def test_what_names_no_item_and_no_stage_has_a_dash(root: Path) -> None:
    """Neither the stage's own name nor `unknown` passes for an item in the table."""
    lines = tasktrail("stages", "JB_1", "--data", root).stdout.splitlines()

    assert [line.split() for line in lines[1:3]] == [["-", "-", "1"], ["read_jd", "-", "1"]]


def test_a_task_s_stages_say_how_they_went(root: Path) -> None:
    """Status, time, entries and trouble of each, and why it failed."""
    lines = tasktrail("stages", "gh-1", "--data", root).stdout.splitlines()

    assert lines[0].split() == ["STATUS", "STAGE", "TOOK", "ENTRIES", "WARN", "ERR"]
    assert lines[1].startswith("✓ completed  plan")
    assert lines[2].startswith("✕ failed     test")
    assert lines[2].endswith("2 red")


def test_an_unknown_job_is_not_found(root: Path) -> None:
    """Exit code 3: nothing of that name is a job or a task."""
    done = tasktrail("stages", "none", "--data", root)

    assert (done.returncode, done.stdout) == (3, "")
