"""`tasktrail gaps`."""

from pathlib import Path

from tasktrail.model.ids import OWN_SESSION
from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept, begin, log_event


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
