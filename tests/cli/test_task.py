"""`tasktrail task`."""

from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept, log_event, serving


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with one task that has completed."""
    said = {"status": "completed", "result": "done", "cost_usd": 0.25}
    accept(
        tmp_path,
        [
            {"type": "task:created", "task_id": "gh-1", "data": {"title": "Fix login"}},
            log_event("cloning"),
            {"type": "task:completed", "task_id": "gh-1", "data": said},
        ],
    )
    return tmp_path


def test_the_page_tells_how_it_stands_and_what_it_gave(root: Path) -> None:
    """Without a service the page is up to date with what waits in the spool."""
    done = tasktrail("task", "gh-1", "--data", root)

    assert done.returncode == 0
    assert done.stdout.startswith("✓ completed  gh-1\n  Fix login\n")
    assert "\nRESULT\n  done\n" in done.stdout


def test_json_is_the_same_object_everywhere(root: Path) -> None:
    """The task by file, by HTTP and in the list is one and the same object."""
    with serving(root) as url:
        remote = tasktrail("task", "gh-1", "--json", "--server", url)
        page = tasktrail("task", "gh-1", "--server", url).stdout
    local = tasktrail("task", "gh-1", "--json", "--data", root)
    listed = tasktrail("tasks", "--json", "--data", root)

    assert remote.stdout == local.stdout
    assert json_lines(local.stdout)[0] == json_lines(listed.stdout)[0]
    assert json_lines(local.stdout)[0]["cost_micro_usd"] == 250_000
    assert page.endswith(f"\nweb: {url}/t/gh-1\n")


def test_an_unknown_task_is_not_found(root: Path) -> None:
    """Exit code 3 and one line, by file and by HTTP; a failed task is no failure."""
    with serving(root) as url:
        codes = [
            tasktrail("task", "gh-2", *where).returncode
            for where in (("--data", str(root)), ("--server", url))
        ]

    assert codes == [3, 3]
