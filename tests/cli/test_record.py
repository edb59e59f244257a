"""`tasktrail record`."""

import signal
from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept, log_event, started, until
from tests.support.waiting import PATIENCE_SECONDS


def test_it_records_without_http(tmp_path: Path) -> None:
    """What is accepted while it runs is in the trail when it has ended; stdout stays empty."""
    with started("record", "--data", tmp_path) as process:
        said = until(process.stderr, "recording")
        accept(tmp_path, [log_event(f"m{number}") for number in range(10)])
        process.terminate()
        written = process.stdout.read() if process.stdout else ""
        code = process.wait(PATIENCE_SECONDS)
    lines = (tmp_path / "tasks" / "gh-1" / "08-log.jsonl").read_text(encoding="utf-8")

    assert (code, written) == (0, "")
    assert said == f"recording {tmp_path}"
    assert len(json_lines(lines)) == 10


def test_two_recorders_share_a_root(tmp_path: Path) -> None:
    """Every event is recorded once, however many recorders run."""
    environ = {"TASKTRAIL_PARTITIONS": "2"}
    tasktrail("tasks", "--data", tmp_path, environ=environ)
    with (
        started("record", "--data", tmp_path) as one,
        started("record", "--data", tmp_path) as other,
    ):
        for process in (one, other):
            until(process.stderr, "recording")
        accept(tmp_path, [log_event("m", f"gh-{number}") for number in range(50)])
        for process in (one, other):
            process.terminate()
            process.wait(PATIENCE_SECONDS)
    tasks = json_lines(tasktrail("tasks", "--json", "--data", tmp_path).stdout)

    assert [task["counts"]["entries"] for task in tasks] == [1] * 50


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_as_it_is_told(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """SIGTERM is an orderly end, Ctrl-C says so; neither leaves a traceback."""
    with started("record", "--data", tmp_path) as process:
        until(process.stderr, "recording")
        process.send_signal(number)
        said = process.stderr.read() if process.stderr else ""

        assert process.wait(PATIENCE_SECONDS) == code
    assert "Traceback" not in said
