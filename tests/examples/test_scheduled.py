"""The example of a scheduled job: each execution is told, also the ones that fail."""

import os
import subprocess
import sys
from pathlib import Path

from tests.house.tree import REPOSITORY
from tests.support.outboxes import events_in

EXAMPLE = REPOSITORY / "examples" / "scheduled.py"
PROGRAM = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("scheduled", sys.argv[1])
scheduled = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scheduled)
scheduled.main(1.0, every=0.1)
"""


def test_a_scheduler_s_executions_are_told(tmp_path: Path) -> None:
    """Every one that began ended, with the job's id and an id of its own on each entry."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, EXAMPLE],
        env={**os.environ, "TASKTRAIL_DATA": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    events = events_in(tmp_path)
    started = {e["execution_id"] for e in events if e["type"] == "execution:started"}
    ended = {
        e["execution_id"]: e["type"]
        for e in events
        if e["type"] in {"execution:completed", "execution:failed"}
    }
    counted = {e["execution_id"] for e in events if e["type"] == "task:log" and "level" in e}

    assert done.returncode == 0
    assert len(started) >= 3
    assert started == set(ended)
    assert started <= counted
    assert {e["job_id"] for e in events} == {"nightly-report"}
