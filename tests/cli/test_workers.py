"""`tasktrail workers`."""

from pathlib import Path

from tests.cli.commands import json_lines, tasktrail
from tests.cli.coordinators import worked


def test_workers_are_listed_newest_first(tmp_path: Path) -> None:
    """With how they ended and what their calls cost."""
    root = worked(tmp_path)
    done = tasktrail("workers", "--data", root)
    rows = [line.split() for line in done.stdout.splitlines()[1:]]

    assert [(row[0], row[1], row[-2]) for row in rows] == [
        ("w-2", "completed", "$0.0075"),
        ("w-1", "failed", "$0.0045"),
    ]


def test_only_those_that_match_are_listed(tmp_path: Path) -> None:
    """By task, session and status."""
    asked = ("--task", "gh-450", "--session", "s-1", "--status", "failed", "--json")
    done = tasktrail("workers", *asked, "--data", worked(tmp_path))

    assert [row["worker_id"] for row in json_lines(done.stdout)] == ["w-1"]
