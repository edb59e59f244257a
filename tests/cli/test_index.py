"""`tasktrail index`."""

from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import log_event, record, serving


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with two tasks that are recorded and indexed."""
    record(tmp_path, [log_event("a"), log_event("b"), log_event("c", "gh-2")])
    return tmp_path


def test_the_status_says_what_is_indexed(root: Path) -> None:
    """How many trails and entries, and how far behind."""
    tasktrail("tasks", "--data", root)
    answer = json_lines(tasktrail("index", "status", "--json", "--data", root).stdout)[0]
    table = tasktrail("index", "status", "--data", root).stdout

    assert (answer["trails"], answer["entries"], answer["behind_bytes"]) == (2, 3, 0)
    assert answer["is_usable"] is True
    assert "entries        3\n" in table
    assert "is usable      yes\n" in table


def test_a_deleted_index_is_made_anew(root: Path) -> None:
    """Without its index a root answers the same after a rebuild, and before it too."""
    before = tasktrail("tasks", "--json", "--data", root).stdout
    for path in root.glob("index.db*"):
        path.unlink()
    status = json_lines(tasktrail("index", "status", "--json", "--data", root).stdout)[0]
    done = tasktrail("index", "rebuild", "--json", "--data", root)
    again = tasktrail("index", "rebuild", "--data", root).stdout

    assert (status["is_usable"], status["entries"]) == (False, 0)
    assert {**json_lines(done.stdout)[0], "seconds": 0} == {"trails": 2, "entries": 3, "seconds": 0}
    assert again.startswith("2 trails, 3 entries, ")
    assert tasktrail("tasks", "--json", "--data", root).stdout == before


def test_one_trail_of_one_entry_is_no_plural(tmp_path: Path) -> None:
    """The figures of a rebuild read as words."""
    record(tmp_path, [log_event("a")])
    done = tasktrail("index", "rebuild", "--data", tmp_path)

    assert done.stdout.startswith("1 trail, 1 entry, ")


def test_a_running_service_makes_it_anew(root: Path) -> None:
    """The command asks for it and waits; the request is gone when it is done."""
    with serving(root):
        done = tasktrail("index", "rebuild", "--json", "--data", root)
    answer = json_lines(done.stdout)[0]

    assert done.stderr == "another process indexes: it was asked to make the index anew\n"
    assert (done.returncode, answer["trails"], answer["entries"]) == (0, 2, 3)
    assert not (root / "index.rebuild").exists()


def test_no_root_is_no_index(tmp_path: Path) -> None:
    """Asking about a directory that is no root changes nothing in it."""
    done = tasktrail("index", "status", "--data", tmp_path / "none")

    assert done.returncode == 1
    assert "expected a data root" in done.stderr
    assert list(tmp_path.iterdir()) == []
