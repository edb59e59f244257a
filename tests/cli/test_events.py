"""`tasktrail events`."""

from pathlib import Path

from tests.cli.commands import json_lines, tasktrail
from tests.cli.coordinators import worked


def test_events_are_listed_newest_first(tmp_path: Path) -> None:
    """Decisions, starts and ends, with their text."""
    root = worked(tmp_path)
    done = tasktrail("events", "--data", root)
    lines = done.stdout.splitlines()

    assert [line.split()[3] for line in lines[1:]] == [
        "session:ended",
        "decision",
        "session:started",
    ]
    assert lines[2].endswith("worktree gh-450  s-1      Preserved worktree")


def test_the_designs_options_are_understood(tmp_path: Path) -> None:
    """`--type decision --last 24h`, and others."""
    root = worked(tmp_path)
    old = tasktrail("events", "--type", "decision", "--last", "24h", "--json", "--data", root)
    about = ("--type", "decision", "--last", "2026-01-15", "--context", "gh-450")
    found = tasktrail("events", *about, "--min-severity", "warning", "--json", "--data", root)

    assert (old.returncode, json_lines(old.stdout)) == (0, [])
    assert [row["message"] for row in json_lines(found.stdout)] == ["Preserved worktree"]
