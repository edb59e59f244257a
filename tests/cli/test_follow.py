"""`tasktrail follow`: all tasks, live."""

import select
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import json

from tests.cli.services import accept, first_line, log_event, serving, started
from tests.support.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    import subprocess

FIRST_SECONDS = 0.5


def test_all_tasks_of_a_root_are_followed(tmp_path: Path) -> None:
    """What is recorded from then on, whatever the task, once and in order; nobody serves."""
    accept(tmp_path, [log_event("before")])
    with started("follow", "--json", "--data", tmp_path) as process:
        found: list[str] = []
        burst = 0
        while not found:  # nothing says when a follower has begun: entries come until it sees one
            accept(tmp_path, [log_event(f"{burst}", "gh-0")])
            burst += 1
            found = ready_lines(process)
        accept(tmp_path, [log_event(f"new {n}", f"gh-{n}") for n in range(1, 4)])
        while len([one for one in found if one != "gh-0"]) < 3:
            found += next_task(process)
        process.send_signal(signal.SIGINT)
        code = process.wait(PATIENCE_SECONDS)

    assert [one for one in found if one != "gh-0"] == ["gh-1", "gh-2", "gh-3"]
    assert code == 130


def test_a_server_tells_by_its_socket(tmp_path: Path) -> None:
    """With the filter that was asked for; lines for people begin with the task."""
    with serving(tmp_path) as url, started("follow", "--server", url, "-q", "level:error") as one:
        lines: list[str] = []
        while not lines:
            accept(tmp_path, [log_event("fine"), log_event("bad", "gh-2", level="error")])
            lines = ready(one, FIRST_SECONDS)
        one.send_signal(signal.SIGINT)
        one.wait(PATIENCE_SECONDS)

    assert lines[0].startswith("gh-2 ")
    assert lines[0].rstrip().endswith("bad")


def ready_lines(process: "subprocess.Popen[str]") -> list[str]:
    """The tasks of the lines that are there within a moment."""
    return [json.decode(line)["task_id"] for line in ready(process, FIRST_SECONDS)]


def next_task(process: "subprocess.Popen[str]") -> list[str]:
    """The task of the next line."""
    return [json.decode(first_line(process.stdout))["task_id"]]


def ready(process: "subprocess.Popen[str]", seconds: float) -> list[str]:
    """A line, if one comes within that time."""
    assert process.stdout is not None
    found, _, _ = select.select([process.stdout], [], [], seconds)
    return [process.stdout.readline()] if found else []
