"""`tasktrail emit`."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tasktrail.chaos.processes import free_port
from tests.cli.commands import PROGRAM, json_lines, tasktrail
from tests.cli.services import begin, serving
from tests.support.outboxes import events_in


def rows(root: Path) -> list[dict[str, Any]]:
    """The entries of gh-1."""
    return json_lines(tasktrail("log", "gh-1", "--json", "--data", root).stdout)


@pytest.fixture(autouse=True)
def _root(tmp_path: Path) -> None:
    """The root that the tests name: `emit` makes none."""
    begin(tmp_path)


def test_a_mistyped_root_is_refused_and_not_made(tmp_path: Path) -> None:
    """The event would be where nobody looks for it."""
    done = tasktrail("emit", "gh-1", "m", "--data", tmp_path / "no" / "root")

    assert done.returncode == 1
    assert f"expected a data root in {tmp_path}/no/root, found no such directory" in done.stderr
    assert not (tmp_path / "no").exists()


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


def piped(root: Path, blob: bytes, *options: str) -> "subprocess.CompletedProcess[bytes]":
    """What became of these bytes on stdin."""
    arguments = [str(PROGRAM), "--data", str(root), "emit", "gh-1", "-", *options]
    return subprocess.run(arguments, input=blob, capture_output=True, check=True)


def test_lines_can_come_from_a_pipe(tmp_path: Path) -> None:
    """`-` makes an entry of each line of stdin, with what was said of them."""
    piped(
        tmp_path, "one\n\x1b[1mtwo\x1b[0m ü\nthree".encode(), "--source", "make", "--level", "warn"
    )
    found = rows(tmp_path)

    assert [row["message"] for row in found] == ["one", "\x1b[1mtwo\x1b[0m ü", "three"]
    assert {(row["source"], row["level"]) for row in found} == {("make", "warning")}
    assert found[2]["metadata"] == {"partial": True}


def test_lines_can_be_shown_on_their_way(tmp_path: Path) -> None:
    """Byte for byte, as with tee."""
    blob = bytes(range(256)) * 1_000

    assert piped(tmp_path, blob, "--echo").stdout == blob
    assert piped(tmp_path, b"quiet\n").stdout == b""


def test_each_line_can_be_an_event_of_its_own_kind(tmp_path: Path) -> None:
    """What an agent's output holds in `content`, a log entry in `message`."""
    piped(tmp_path, b"one\ntwo\n", "--type", "task:output", "--stage", "plan")
    found = rows(tmp_path)

    assert [(row["event_type"], row["message"], row["stage"]) for row in found] == [
        ("task:output", "one", "plan"),
        ("task:output", "two", "plan"),
    ]


def test_progress_from_a_pipe_is_told_about_once_a_second(tmp_path: Path) -> None:
    """The first state, the last one, and how many were left out between."""
    piped(tmp_path, b"".join(b"\r%d%%" % n for n in range(101)) + b"\n")
    found = rows(tmp_path)

    assert [row["percent"] for row in found] == [0, 100]
    assert found[1]["metadata"]["left_out"] == 99


@pytest.mark.parametrize(("kind", "name"), [("task:failed", "error"), ("task:completed", "result")])
def test_a_message_stands_where_its_event_has_it(tmp_path: Path, kind: str, name: str) -> None:
    """A failure's message is its error, a completion's its result."""
    tasktrail("emit", "gh-1", "because", "--type", kind, "--data", tmp_path)

    assert events_in(tmp_path)[0]["data"][name] == "because"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["gh-1"], "expected MESSAGE or --type, found neither"),
        (["gh-1", "m", "--level", "loud"], "found 'loud'"),
        (["gh-1", "--type", "x", "--data", "{bad"], "--data: expected JSON"),
        (["", "m"], "TASK: expected an id"),
        (["\udcff\udcfe", "m"], "TASK: expected text in UTF-8, found '\\udcff\\udcfe'"),
        (["gh-1", "--type", "x", "--data", "[1]"], "expected an object like {"),
        (["gh-1", "--type", "x", "--data", '"a"'], "expected an object like {"),
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
    environ = {"TASKTRAIL_DATA": str(tmp_path / "file" / "root")}
    done = tasktrail("emit", "gh-1", "m", environ=environ)

    assert done.returncode == 1
    assert "lost" in done.stderr


def test_entries_of_many_calls_keep_their_order(tmp_path: Path) -> None:
    """Each call is a process of its own, and the trail has them as they were made."""
    for number in range(5):
        tasktrail("emit", "gh-1", str(number), "--data", tmp_path)

    assert [row["message"] for row in rows(tmp_path)] == ["0", "1", "2", "3", "4"]
