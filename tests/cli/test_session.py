"""`tasktrail session`."""

from pathlib import Path

from tests.cli.commands import tasktrail
from tests.cli.coordinators import worked


def test_a_session_is_shown_with_its_tasks_and_workers(tmp_path: Path) -> None:
    """Facts first, then both tables."""
    root = worked(tmp_path)
    done = tasktrail("session", "s-1", "--data", root)

    for text in ("session s-1\n", "git commit   abc\n", "cost         $0.012\n", "Fix login\n"):
        assert text in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()[-2:]] == ["w-1", "w-2"]


def test_an_unknown_session_is_not_found(tmp_path: Path) -> None:
    """3, and what was looked for."""
    done = tasktrail("session", "s-9", "--data", worked(tmp_path))

    assert (done.returncode, "s-9" in done.stderr) == (3, True)
