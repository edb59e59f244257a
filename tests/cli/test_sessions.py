"""`tasktrail sessions`."""

from pathlib import Path

from tests.cli.commands import tasktrail
from tests.cli.coordinators import worked
from tests.cli.services import begin


def test_sessions_are_listed_with_what_they_did_and_cost(tmp_path: Path) -> None:
    """One line each."""
    root = worked(tmp_path)
    done = tasktrail("sessions", "--data", root)
    row = done.stdout.splitlines()[1].split()

    assert (row[0], row[3:]) == (
        "s-1",
        ["31m00s", "normal", "1", "0", "2", "$0.012", "Fix", "login"],
    )
    assert done.stderr == "1 of 1 session\n"


def test_no_session_is_no_failure(tmp_path: Path) -> None:
    """An empty list prints nothing on stdout."""
    done = tasktrail("sessions", "--data", begin(tmp_path))

    assert (done.returncode, done.stdout) == (0, "")
