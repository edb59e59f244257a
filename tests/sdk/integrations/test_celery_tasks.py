"""Celery's tasks have trails: queued, run, retried, failed, and lost with their process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.job_programs import EXAMPLES, run_program
from tests.support.outboxes import events_in
from tests.support.waiting import wait_until

WORKER = "-m celery --app celery_app worker --loglevel INFO --concurrency 1 --without-gossip"


@contextmanager
def worker(root: Path, folder: Path) -> Iterator[None]:
    """A worker with a pool of one process."""
    environ = {**os.environ, "TASKTRAIL_DATA": str(root), "CELERY_FOLDER": str(folder)}
    with (root / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *WORKER.split(), "--without-mingle"],
            cwd=EXAMPLES,
            env=environ,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ends_of(root: Path, tasks: dict[str, str]) -> dict[str, Any]:
    """How each task ended, by its name."""
    names = {task_id: name for name, task_id in tasks.items()}
    return {
        names[event["task_id"]]: event["data"]
        for event in events_in(root)
        if event["type"] in {"task:completed", "task:failed"}
    }


def test_the_example_does_what_it_shows(tmp_path: Path) -> None:
    """A result, an exception, a second attempt, and a process that is killed under its task."""
    root, folder = tmp_path / "root", tmp_path / "broker"
    root.mkdir()
    with worker(root, folder):
        sent = run_program(EXAMPLES / "celery_app.py", root, CELERY_FOLDER=str(folder))
        tasks = dict(line.split() for line in sent.out.splitlines())
        wait_until(lambda: len(ends_of(root, tasks)) == 4, what="the end of four tasks")

    ends, events = ends_of(root, tasks), events_in(root)
    assert ends["shop.add"]["result"] == 5
    assert ends["shop.fail"]["error_type"] == "LookupError"
    assert ends["shop.retry_once"]["result"] == "second time"
    assert "WorkerLostError" in ends["shop.be_killed"]["error"]
    started = [one["attempt"] for one in events if one["type"] == "task:started"]
    assert sorted(started) == [1, 1, 1, 1, 2]
    logs = [one for one in events if one.get("source") == "shop.tasks"]
    assert [(one["task_id"], one["data"]["message"]) for one in logs] == [
        (tasks["shop.add"], "adding 2 and 3")
    ]
