"""`tasktrail emit`."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import PROGRAM, json_lines, tasktrail
from tests.cli.services import serving
from tests.conftest import free_port


def rows(root: Path) -> list[dict[str, Any]]:
    """The entries of gh-1."""
    return json_lines(tasktrail("log", "gh-1", "--json", "--data", root).stdout)


def test_a_script_says_what_happens(tmp_path: Path) -> None:
    """Level, source and stage of one entry arrive in the trail, without a service."""
    options = ("--level", "WARN", "--source", "git", "--stage", "plan")
    done = tasktrail("emit", "gh-1", "cloning", *options, "--data", tmp_path)
    row = rows(tmp_path)[0]

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [row[name] for name in ("event_type", "message", "level", "source", "stage")] == [
        "task:log",
        "cloning",
        "warning",
        "git",
        "plan",
    ]


def test_a_percentage_makes_it_progress(tmp_path: Path) -> None:
    """--percent says how far the work is; more than everything is everything."""
    tasktrail("emit", "gh-1", "fetching", "--percent", "140", "--data", tmp_path)
    row = rows(tmp_path)[0]

    assert (row["event_type"], row["message"], row["percent"]) == ("task:progress", "fetching", 100)


def test_any_event_can_be_sent(tmp_path: Path) -> None:
    """--type names it and --data in braces says it, beside the --data that names the root."""
    said = '{"status": "failed", "result": "no luck"}'
    options = ("--type", "task:completed", "--data", said)
    done = tasktrail("emit", "gh-1", *options, "--data", tmp_path)
    task = json_lines(tasktrail("task", "gh-1", "--json", "--data", tmp_path).stdout)[0]

    assert done.returncode == 0
    assert (task["status"], task["error"]) == ("failed", "no luck")


def test_a_message_can_come_from_a_pipe(tmp_path: Path) -> None:
    """`-` reads the message from stdin, whatever lines it has."""
    arguments = [str(PROGRAM), "--data", str(tmp_path), "emit", "gh-1", "-"]
    subprocess.run(arguments, input="one\ntwo ü\n", text=True, check=True)

    assert rows(tmp_path)[0]["message"] == "one\ntwo ü"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gh-1"], "expected MESSAGE or --type, found neither"),
        (["gh-1", "m", "--level", "loud"], "found 'loud'"),
        (["gh-1", "--type", "x", "--data", "{bad"], "--data: expected JSON"),
        (["", "m"], "TASK: expected an id"),
        (["gh-1", "m", "--data", "a", "--data", "b"], "expected one directory"),
        (["gh-1", "m", "--percent", "half"], "'half' is not a valid float"),
    ],
)
def test_misuse_sends_nothing(tmp_path: Path, arguments: list[str], reason: str) -> None:
    """What was expected is said in one line, with exit code 2."""
    environ = {"TASKTRAIL_DATA": str(tmp_path / "root")}
    done = tasktrail("emit", *arguments, environ=environ)

    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "root").exists()


def test_a_server_gets_it_by_http(tmp_path: Path) -> None:
    """With --server or TASKTRAIL_URL the entry is in the server's trail when emit has ended."""
    with serving(tmp_path) as url:
        tasktrail("emit", "gh-1", "one", "--server", url)
        tasktrail("emit", "gh-1", "two", environ={"TASKTRAIL_URL": url})
        done = tasktrail("log", "gh-1", "--json", "--server", url)

    assert [row["message"] for row in json_lines(done.stdout)] == ["one", "two"]


def test_a_server_that_is_away_harms_no_script(tmp_path: Path) -> None:
    """The event is kept and said to wait, the script goes on, and the next emit brings it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    away = tasktrail("emit", "gh-1", "one", "--server", url)
    with serving(tmp_path, "--port", str(port)):
        tasktrail("emit", "gh-1", "two", "--server", url)
        done = tasktrail("log", "gh-1", "--json", "--server", url)

    assert away.returncode == 0
    assert url in away.stderr
    assert {row["message"] for row in json_lines(done.stdout)} == {"one", "two"}


def test_what_cannot_be_kept_is_a_failure(tmp_path: Path) -> None:
    """Where nothing can be written, emit says so and exits with 1."""
    (tmp_path / "file").touch()
    done = tasktrail("emit", "gh-1", "m", "--data", tmp_path / "file" / "root")

    assert done.returncode == 1
    assert "lost" in done.stderr


def test_entries_of_many_calls_keep_their_order(tmp_path: Path) -> None:
    """Each call is a process of its own, and the trail has them as they were made."""
    for number in range(5):
        tasktrail("emit", "gh-1", str(number), "--data", tmp_path)

    assert [row["message"] for row in rows(tmp_path)] == ["0", "1", "2", "3", "4"]
