"""`tasktrail worker`."""

from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.coordinators import worked


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root in which a coordinator worked."""
    return worked(tmp_path_factory.mktemp("worker"))


def test_a_worker_is_shown_with_its_facts(root: Path) -> None:
    """How it ended, where its words are, what it cost."""
    done = tasktrail("worker", "w-1", "--data", root)

    for words in ("status failed", "log file w1.jsonl", "cost $0.0045"):
        assert words in [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_an_unknown_worker_is_not_found(root: Path) -> None:
    """3, and what was looked for."""
    done = tasktrail("worker", "w-9", "--data", root)

    assert (done.returncode, "w-9" in done.stderr) == (3, True)


def test_a_worker_that_said_nothing_has_no_conversation(root: Path) -> None:
    """Which is said, and is no failure."""
    done = tasktrail("worker", "w-2", "--show-conversation", "--data", root)

    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing that w-2 said is recorded here" in done.stderr


def test_a_worker_as_json_is_one_object(root: Path) -> None:
    """As the API answers it."""
    (answer,) = json_lines(tasktrail("worker", "w-1", "--json", "--data", root).stdout)

    assert (answer["worker_id"], answer["workers"]) == ("w-1", [])
