"""`tasktrail search`."""

from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept, log_event, serving


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root whose tasks say a few things."""
    accept(
        tmp_path,
        [
            log_event("Patch does not apply", "gh-1", level="error"),
            log_event("patch applied", "gh-2"),
            log_event("100% done", "gh-2"),
            log_event("nothing", "gh-3"),
        ],
    )
    return tmp_path


def hits(root: Path, *arguments: str) -> list[tuple[str, int]]:
    """Task and seq of every hit."""
    done = tasktrail("search", *arguments, "--json", "--data", root)
    assert done.returncode == 0, done.stderr
    return [(row["task_id"], row["seq"]) for row in json_lines(done.stdout)]


def test_a_text_is_found_in_whatever_task(root: Path) -> None:
    """In any case; the newest task first."""
    assert hits(root, "PATCH") == [("gh-2", 1), ("gh-1", 1)]


def test_several_texts_must_all_be_there(root: Path) -> None:
    """And filters hold as everywhere."""
    assert hits(root, "patch", "apply") == [("gh-1", 1)]
    assert hits(root, "patch", "--level", "info") == [("gh-2", 1)]
    assert hits(root, "patch", "--task", "gh-1") == [("gh-1", 1)]
    assert hits(root, "-q", "patch -apply") == [("gh-2", 1)]


@pytest.mark.parametrize("text", ["%", "100%", "0%_", ".*", "'; DROP TABLE entries; --"])
def test_a_text_is_literal(root: Path, text: str) -> None:
    """No wildcard, no pattern, no SQL."""
    expected = [("gh-2", 2)] if text in {"%", "100%"} else []

    assert hits(root, text) == expected


def test_people_see_the_task_before_each_hit(root: Path) -> None:
    """And on stderr how many of how many."""
    done = tasktrail("search", "patch", "-n", "1", "--data", root)

    assert done.stdout.startswith("gh-2     1 ")
    assert done.stderr.startswith("1 of 2 hits · searched ")


def test_the_tasks_alone_can_be_listed(root: Path) -> None:
    """With how many hits each has."""
    done = tasktrail("search", "a", "-l", "--data", root)

    assert [line.split() for line in done.stdout.splitlines()] == [["1", "gh-2"], ["1", "gh-1"]]


def test_a_server_finds_the_same(root: Path) -> None:
    """Hit by hit, and the same summary."""
    local = tasktrail("search", "patch", "--json", "--data", root)
    with serving(root) as url:
        remote = tasktrail("search", "patch", "--json", "--server", url)
        refused = tasktrail("search", "-q", "level:loud", "--server", url)

    assert remote.stdout == local.stdout
    assert remote.stderr.startswith("2 of 2 hits")
    assert refused.returncode == 2


def test_what_is_found_nowhere_is_no_failure(root: Path) -> None:
    """Exit code 0, nothing on stdout, a word on stderr."""
    done = tasktrail("search", "absent", "--data", root)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("0 of 0 hits")
