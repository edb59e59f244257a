"""The index under kills, its short version."""

import subprocess
from pathlib import Path

import pytest

from tasktrail.chaos.doors import SdkDoor
from tasktrail.chaos.events import event_of
from tasktrail.chaos.index_kills import digest_of, run_index_kills
from tasktrail.chaos.processes import tasktrail


@pytest.mark.slow
def test_an_index_that_was_killed_answers_as_a_new_one(tmp_path: Path) -> None:
    """Two kills of the process that records and indexes."""
    outcome = run_index_kills(tmp_path, seed=3, kills=2, tasks=1)

    assert outcome.is_clean
    assert outcome.entries > 500


def test_a_digest_tells_roots_apart(tmp_path: Path) -> None:
    """One more entry gives another digest."""
    door = SdkDoor(tmp_path, is_durable=True)
    digests = []
    for number in range(2):
        door.send([event_of("durable-1", number, 1)])
        subprocess.run(tasktrail("tasks", "--data", str(tmp_path)), check=True)  # recorded
        digests.append(digest_of(tmp_path))
    door.close()

    assert digests[0] != digests[1]
