"""`tasktrail log`."""

import signal
import subprocess
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from msgspec import json

from tasktrail.chaos.processes import free_port
from tests.cli.commands import PROGRAM, json_lines, tasktrail
from tests.cli.services import accept, first_line, log_event, record, serving, started
from tests.support.waiting import PATIENCE_SECONDS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root in which a task's entries wait to be recorded."""
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    accept(
        tmp_path,
        [
            log_event("old", timestamp=hour_ago),
            log_event("cloning", source="git", stage="fetch"),
            log_event("odd", level="warning", source="git"),
            log_event("broken", level="error", stage="test"),
            {"type": "task:output", "task_id": "gh-1", "data": {"content": "all done"}},
        ],
    )
    return tmp_path


def messages(*arguments: str | Path) -> list[str]:
    """The messages that the command prints, oldest first."""
    done = tasktrail("log", "gh-1", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [row["message"] for row in json_lines(done.stdout)]


def test_without_a_service_what_waits_is_recorded_first(root: Path) -> None:
    """Whatever was accepted is in the answer, oldest first, of all channels."""
    assert messages("--data", root) == ["old", "cloning", "odd", "broken", "all done"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-n", "2"], ["broken", "all done"]),
        (["-n", "0"], []),
        (["--level", "warn", "--level", "error"], ["odd", "broken"]),
        (["--min-level", "warning"], ["odd", "broken"]),
        (["--source", "git"], ["cloning", "odd"]),
        (["--stage", "test", "--stage", "fetch"], ["cloning", "broken"]),
        (["--channel", "agent_output"], ["all done"]),
        (["--search", "O"], ["old", "cloning", "odd", "broken", "all done"]),
        (["--search", "RO"], ["broken"]),
        (["--since", "10m"], ["cloning", "odd", "broken", "all done"]),
        (["--since", "2h", "-n", "1"], ["all done"]),
    ],
)
def test_filters_say_which_entries(root: Path, options: list[str], expected: list[str]) -> None:
    """Every filter of the command reaches the reader."""
    assert messages("--data", root, *options) == expected


def test_a_filter_that_means_nothing_is_a_usage_error(root: Path) -> None:
    """What was expected and found is said in one line."""
    done = tasktrail("log", "gh-1", "--level", "loud", "--data", root)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "tasktrail: level: expected one of debug, info, warning, error, critical, found 'loud'\n"
    )


def test_an_unknown_task_is_not_found(root: Path) -> None:
    """Exit code 3, one line, nothing on stdout; following is no different."""
    for options in ([], ["-f"]):
        done = tasktrail("log", "gh-2", *options, "--data", root)

        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.count("\n") == 1
        assert "gh-2" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path: Path) -> None:
    """`| head -1` ends the command at once, without a word."""
    record(tmp_path, [log_event("x" * 1_000) for _ in range(2_000)])
    with subprocess.Popen(
        [PROGRAM, "log", "gh-1", "-n", "2000", "--data", tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        code = process.wait(PATIENCE_SECONDS)

    assert first.startswith(b"    1 ")
    assert (code, said) == (0, b"")


def test_hostile_content_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    """Escape sequences are spelled out, with colours too; only --raw lets them through."""
    accept(tmp_path, [log_event("\x1b]0;owned\x07\x1b[2Jbye\r\u202e")])
    shown = [
        tasktrail("log", "gh-1", "--data", tmp_path, *options).stdout
        for options in ([], ["--color", "always"], ["--raw"])
    ]

    assert "\x1b" not in shown[0]
    assert "\x1b]0" not in shown[1]
    assert "\x1b[2J" not in shown[1]
    assert "\x1b]0;owned\x07\x1b[2Jbye" in shown[2]


def test_an_entry_of_megabytes_comes_whole_through_a_pipe(tmp_path: Path) -> None:
    """Nothing is cut where no terminal is."""
    text = "".join(f"{number:08}" for number in range(1_000_000))
    accept(tmp_path, [log_event(text)])

    assert text in tasktrail("log", "gh-1", "--data", tmp_path).stdout


def rows_of(stream: IO[str] | None, count: int) -> list[dict[str, Any]]:
    """The next so many rows of a follower."""
    assert stream is not None
    return [json.decode(stream.readline()) for _ in range(count)]


def seqs(rows: list[dict[str, Any]]) -> list[int]:
    """The `seq` of each row."""
    return [row["seq"] for row in rows]


def test_following_without_a_service_records_by_itself(root: Path) -> None:
    """New entries appear although nobody else records them, each once, in order."""
    with started("log", "gh-1", "-f", "-n", "2", "--json", "--data", root) as process:
        found = seqs(rows_of(process.stdout, 2))
        for burst in range(3):
            accept(root, [log_event(f"new {burst} {number}") for number in range(50)])
            found += seqs(rows_of(process.stdout, 50))
        process.send_signal(signal.SIGINT)
        code = process.wait(PATIENCE_SECONDS)

    assert found == list(range(4, 156))
    assert code == 130


def test_following_shows_only_what_matches(root: Path) -> None:
    """A follower with a filter sees matching entries alone."""
    with started("log", "gh-1", "-f", "--min-level", "error", "--json", "--data", root) as process:
        found = seqs(rows_of(process.stdout, 1))
        accept(root, [log_event("fine"), log_event("bad", level="error"), log_event("fine")])
        found += seqs(rows_of(process.stdout, 1))

    assert found == [4, 7]


def test_following_a_root_that_a_service_records(root: Path) -> None:
    """Beside a running service the command reads what the service records."""
    with (
        serving(root),
        started("log", "gh-1", "-f", "-n", "1", "--json", "--data", root) as process,
    ):
        found = seqs(rows_of(process.stdout, 1))
        accept(root, [log_event(f"new {number}") for number in range(100)])
        found += seqs(rows_of(process.stdout, 100))

    assert found == list(range(5, 106))


def test_a_follower_whose_reader_is_gone_ends(root: Path) -> None:
    """The pipe's end ends the follower, though nothing new comes that it could write."""
    with started("log", "gh-1", "-f", "--json", "--data", root) as process:
        rows_of(process.stdout, 5)
        assert process.stdout is not None
        process.stdout.close()
        code = process.wait(PATIENCE_SECONDS)

    assert code == 0


def test_a_server_answers_the_same_as_the_root(root: Path) -> None:
    """Every entry comes the same by HTTP and out of the files, byte for byte."""
    with serving(root) as url:
        remote = tasktrail("log", "gh-1", "--json", "--min-level", "info", "--server", url)
        named = tasktrail("log", "gh-1", "--json", environ={"TASKTRAIL_URL": url})
    local = tasktrail("log", "gh-1", "--json", "--data", root)

    assert remote.returncode == local.returncode == 0
    assert remote.stdout == named.stdout == local.stdout
    assert len(local.stdout.splitlines()) == 5


def test_a_server_that_is_not_there_has_an_exit_code() -> None:
    """Exit code 4, and one line that names the address."""
    url = f"http://127.0.0.1:{free_port()}"
    for command in (["log", "gh-1"], ["log", "gh-1", "-f"], ["tasks"], ["task", "gh-1"]):
        done = tasktrail(*command, "--server", url)

        assert (done.returncode, done.stdout) == (4, "")
        assert done.stderr.count("\n") == 1
        assert url in done.stderr


def test_following_a_server_over_its_restart_loses_and_doubles_nothing(root: Path) -> None:
    """A server that goes away is waited for; what came meanwhile is caught up, and said."""
    port = str(free_port())
    follow = ("log", "gh-1", "-f", "--json", "--server", f"http://127.0.0.1:{port}")
    with ExitStack() as first_server:
        first_server.enter_context(serving(root, "--port", port))
        with started(*follow) as follower:
            found = seqs(rows_of(follower.stdout, 5))
            accept(root, [log_event("before")])
            found += seqs(rows_of(follower.stdout, 1))
            first_server.close()
            away = first_line(follower.stderr)
            accept(root, [log_event(f"meanwhile {number}") for number in range(30)])
            tasktrail("tasks", "--data", root)  # which records it
            with serving(root, "--port", port):
                found += seqs(rows_of(follower.stdout, 30))
                back = first_line(follower.stderr)
                accept(root, [log_event("after")])
                found += seqs(rows_of(follower.stdout, 1))

    assert found == list(range(1, 38))
    assert away.endswith("; trying again")
    assert back == "back, 30 caught up"
