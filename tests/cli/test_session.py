"""`tasktrail session`."""

import json
from pathlib import Path

from tests.cli.commands import tasktrail
from tests.cli.coordinators import worked
from tests.cli.services import record
from tests.support.running_service import start_service


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


def test_what_a_session_said_beside_its_tasks_is_shown(tmp_path: Path) -> None:
    """The last so many, oldest first; what a search finds there can be read there."""
    said = ({"type": "task:log", "session_id": "s-7", "data": {"message": f"m{n}"}} for n in "abc")
    record(tmp_path, list(said))
    found = tasktrail("search", "mb", "--data", tmp_path)
    done = tasktrail("session", "s-7", "--log", "-n", "2", "--data", tmp_path)

    assert found.stdout.startswith("s-7")
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["mb", "mc"]


def test_whoever_asks_for_a_session_s_log_as_a_task_s_is_told_how(tmp_path: Path) -> None:
    """An id that is neither is not found, and no more is said of it."""
    record(tmp_path, [{"type": "task:log", "session_id": "s-7", "data": {"message": "m"}}])
    session, unknown = (tasktrail("log", name, "--data", tmp_path) for name in ("s-7", "s-9"))

    assert (session.returncode, unknown.returncode) == (3, 3)
    assert "tasktrail session s-7 --log" in session.stderr
    assert "session" not in unknown.stderr


def test_a_session_that_said_nothing_beside_its_tasks_has_no_log(tmp_path: Path) -> None:
    """Nor is that a failure; a session that nobody knows is."""
    event = {"type": "session:started", "session_id": "s-8", "task_id": "t"}
    record(tmp_path, [event])
    silent, unknown = (
        tasktrail("session", name, "--log", "--data", tmp_path) for name in ("s-8", "s-9")
    )

    assert (silent.returncode, silent.stdout) == (0, "")
    assert (unknown.returncode, "s-9" in unknown.stderr) == (3, True)


def test_a_server_reads_a_session_s_log(tmp_path: Path) -> None:
    """As the files do."""
    with start_service(tmp_path / "root") as service:
        event = {"type": "task:log", "session_id": "s 7/x", "data": {"message": "needle"}}
        service.record([event])
        done = tasktrail("session", "s 7/x", "--log", "--json", "--server", service.url)

    assert json.loads(done.stdout)["message"] == "needle"
