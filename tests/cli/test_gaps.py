"""`tasktrail gaps`."""

from pathlib import Path

import pytest

from tasktrail.model.ids import OWN_SESSION
from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept, begin, log_event
from tests.cli.test_on_a_terminal import seen


def test_every_gap_is_told_with_its_place(tmp_path: Path) -> None:
    """Also one that still waits in the spool; JSON has the positions."""
    words = {"stream": "s", "after": "1-0", "before": "3-0", "missing": 1, "message": "one is gone"}
    accept(tmp_path, [{"type": "gap", "session_id": OWN_SESSION, "data": words}])
    table = tasktrail("gaps", "--data", tmp_path)
    (found,) = json_lines(tasktrail("gaps", "--json", "--data", tmp_path).stdout)

    assert table.returncode == 0
    assert "Redis stream s" in table.stdout
    assert "one is gone" in table.stdout
    assert "after 1-0, before 3-0" in table.stdout
    assert table.stderr == "1 place where events are missing\n"
    assert (found["after"], found["before"], found["missing"]) == ("1-0", "3-0", 1)


@pytest.mark.parametrize("columns", [60, 100, 160])
def test_a_terminal_of_any_width_shows_all_of_it(tmp_path: Path, columns: int) -> None:
    """Words go on in further lines; nothing of a place is cut."""
    words = {
        "stream": "task_events",
        "after": "1795434099895-0",
        "before": "1795434101538-0",
        "missing": 12,
        "message": "12 entries of the Redis stream task_events are missing",
    }
    accept(tmp_path, [{"type": "gap", "session_id": OWN_SESSION, "data": words}])
    shown = seen(tmp_path, "gaps", "--color", "never", columns=columns)

    assert "…" not in shown
    assert all(len(line) <= columns for line in shown.splitlines())
    for word in ("1795434099895-0", "1795434101538-0", "task_events", " 12 ", "missing"):
        assert word in shown


def test_no_gap_is_no_failure(tmp_path: Path) -> None:
    """Nothing on stdout."""
    done = tasktrail("gaps", "--data", begin(tmp_path))

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "0 places where events are missing\n"


def test_what_a_task_lost_is_told_with_the_task(tmp_path: Path) -> None:
    """It stands in that task's log as well."""
    words = {"message": "5 events are lost", "lost": 5, "src": "ab"}
    accept(tmp_path, [log_event("m"), {"type": "loss", "task_id": "gh-1", "data": words}])
    done = tasktrail("gaps", "--data", tmp_path)

    assert done.stderr == "1 place where events are missing\n"
    assert done.stdout.splitlines()[1].split()[1:5] == ["loss", "task", "gh-1", "5"]
