"""A command from beginning to end: nothing of it is missing in its trail."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.outboxes import events_in

PROGRAM = """
import os, sys
from pathlib import Path
from tasktrail.sdk.capture.command import CapturedCommand
from tasktrail.sdk.capture.story import StageStory, TaskStory
from tasktrail.sdk.client import connect

client = connect(sys.argv[1])
kind = {"task": TaskStory, "stage": StageStory}[sys.argv[2]]
story = kind(client.send, "gh-1", sys.argv[3:])
captured = CapturedCommand(
    sys.argv[3:],
    os.environ,
    story=story,
    send_all=lambda events: client.send_encoded(events, task_id="gh-1"),
    trouble=client.trouble,
)
outcome = captured.run()
client.close()
for stream in outcome.unfinished:
    os.dup2(stream.read_end, 100)
    print("unfinished", stream.source, flush=True)
sys.exit(outcome.exit_code)
"""


def captured(
    root: Path, *command: str, kind: str = "task", environ: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """What became of the command, with a process of its own around it."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(root), kind, *command],
        env={**os.environ, **(environ or {})},
        capture_output=True,
        check=False,
        timeout=60,
    )


def lines_of(root: Path, source: str) -> list[str]:
    """What the trail is told of that stream."""
    events = events_in(root)
    return [one["data"]["message"] for one in events if one.get("source") == source]


def test_a_command_is_shown_recorded_and_ended_as_it_was(tmp_path: Path) -> None:
    """Streams apart, exit code, first and last event."""
    done = captured(tmp_path, "sh", "-c", "echo one; echo two >&2; printf three; exit 9")
    events: list[dict[str, Any]] = events_in(tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (9, b"one\nthree", b"two\n")
    assert lines_of(tmp_path, "stdout") == ["one", "three"]
    assert lines_of(tmp_path, "stderr") == ["two"]
    assert (events[0]["type"], events[-1]["type"]) == ("task:created", "task:failed")
    assert events[-1]["data"]["error"] == "exit code 9: two"


def test_a_command_that_is_not_there_fails_as_in_a_shell(tmp_path: Path) -> None:
    """127 for none, 126 for one that may not be run."""
    assert captured(tmp_path, "no-such-program").returncode == 127
    assert captured(tmp_path, str(tmp_path)).returncode == 126
    assert [one["type"] for one in events_in(tmp_path)].count("task:failed") == 2


def test_children_that_stay_behind_are_left_reading_to_others(tmp_path: Path) -> None:
    """The command's end is told when it ends; their pipe is handed on, not closed."""
    done = captured(tmp_path, "sh", "-c", "(sleep 3; echo late) & echo first")

    assert done.stdout.startswith(b"first\nunfinished stdout\n")
    assert done.returncode == 0
    assert lines_of(tmp_path, "stdout") == ["first"]


def test_output_inside_of_output_is_recorded_once(tmp_path: Path) -> None:
    """A command in a command leaves what the outer one reads to the outer one."""
    inner = [
        sys.executable,
        "-c",
        PROGRAM,
        str(tmp_path),
        "stage",
        "sh",
        "-c",
        "echo a; echo b >&2",
    ]
    done = captured(tmp_path, "sh", "-c", '"$@" 2>/dev/null', "sh", *inner)

    assert done.stdout == b"a\n"
    assert lines_of(tmp_path, "stdout") == ["a"]
    assert lines_of(tmp_path, "stderr") == ["b"]
    assert {"stage:started", "stage:completed"} <= {one["type"] for one in events_in(tmp_path)}


def test_a_closed_stdout_is_no_trap(tmp_path: Path) -> None:
    """None of our own files comes to stand in its place, where it would be written to."""
    places = tmp_path / "places"
    names = "".join(f"+ os.readlink('/proc/self/fd/{fd}') + ' '" for fd in range(3))
    program = PROGRAM.replace(
        "outcome =", f"open({str(places)!r}, 'w').write(''{names})\noutcome ="
    )
    command = [
        sys.executable,
        "-c",
        program,
        str(tmp_path),
        "task",
        "sh",
        "-c",
        "echo a; echo b >&2",
    ]
    done = subprocess.run(
        ["sh", "-c", '"$@" <&- >&- 2>&-', "sh", *command], check=False, timeout=60
    )

    assert done.returncode == 0
    assert places.read_text().split() == [os.devnull] * 3
    assert lines_of(tmp_path, "stdout") == ["a"]
    assert lines_of(tmp_path, "stderr") == ["b"]


def test_a_root_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    """The command runs, is shown and ends as ever; the loss is said once."""
    (tmp_path / "root").touch()
    done = captured(tmp_path / "root", "sh", "-c", "echo one; echo two; exit 4")

    assert (done.returncode, done.stdout) == (4, b"one\ntwo\n")
    assert done.stderr.count(b"tasktrail: ") == 1
