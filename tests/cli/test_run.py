"""`tasktrail run`: a command as a task."""

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from tasktrail.model.filters import EntryFilter
from tasktrail.service import open_local
from tasktrail.settings import load_settings
from tests.cli.commands import PROGRAM, json_lines, tasktrail
from tests.cli.services import serving
from tests.support.outboxes import events_in
from tests.support.waiting import PATIENCE_SECONDS, wait_until

COUNTS_SIGNALS = """
import signal, sys, time
said = []
def note(number, frame):
    said.append(signal.Signals(number).name)
signal.signal(signal.SIGINT, note)
signal.signal(signal.SIGTERM, note)
print("ready", flush=True)
end = time.monotonic() + 20
while time.monotonic() < end and not said:
    time.sleep(0.01)
time.sleep(0.3)
print(*said, flush=True)
sys.exit(7)
"""
TYPES_CTRL_C = """
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b""
while b"ready" not in shown:
    shown += os.read(terminal, 1000)
os.write(terminal, bytes([3]))
try:
    while block := os.read(terminal, 1000):
        shown += block
except OSError:
    pass
print(shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def rows(root: Path, task_id: str = "gh-1") -> list[dict[str, Any]]:
    """The task's entries."""
    with open_local(load_settings({}, overrides={"data": str(root)})) as local:
        page = local.reader.logs(task_id, EntryFilter(), limit=10_000)
        found: list[dict[str, Any]] = json.decode(json.encode(page))["logs"]
    return found


def before(root: Path) -> list[str]:
    """What stands before a command that is the task gh-1."""
    return [str(PROGRAM), "--data", str(root), "run", "--task", "gh-1", "--"]


def task(root: Path, task_id: str = "gh-1") -> dict[str, Any]:
    """The task."""
    with open_local(load_settings({}, overrides={"data": str(root)})) as local:
        found: dict[str, Any] = json.decode(json.encode(local.reader.task(task_id)))
    return found


def ran(
    root: Path, *command: str, task_id: str = "gh-1", blob: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    """What became of the command."""
    return subprocess.run(
        [PROGRAM, "--data", root, "run", "--task", task_id, "--", *command],
        input=blob,
        capture_output=True,
        check=False,
        timeout=4 * PATIENCE_SECONDS,
    )


def test_a_command_is_a_task(tmp_path: Path) -> None:
    """Its lines by stream, its end and what it took, without a service."""
    done = ran(tmp_path, "sh", "-c", r"echo one; printf '\033[31mtwo\033[0m\n' >&2; printf end")
    lines = [(row["source"], row["message"]) for row in rows(tmp_path) if row["channel"] == "log"]
    found = task(tmp_path)

    assert (done.returncode, done.stdout) == (0, b"one\nend")
    assert sorted(lines) == [
        ("stderr", "\x1b[31mtwo\x1b[0m"),
        ("stdout", "end"),
        ("stdout", "one"),
    ]
    assert (found["status"], found["source"]) == ("completed", "run")
    assert found["duration_seconds"] > 0


def test_a_failure_says_why(tmp_path: Path) -> None:
    """The exit code is the command's, the reason its last words."""
    done = ran(tmp_path, "sh", "-c", "echo no rule to make it >&2; exit 3")

    assert done.returncode == 3
    assert (task(tmp_path)["status"], task(tmp_path)["error"]) == (
        "failed",
        "exit code 3: no rule to make it",
    )


def test_running_it_again_is_another_attempt(tmp_path: Path) -> None:
    """One trail, two tries, the last one counts."""
    ran(tmp_path, "false")
    ran(tmp_path, "true")
    found = task(tmp_path)

    assert found["status"] == "completed"
    assert [one["status"] for one in found["attempts"]] == ["failed", "completed"]


def test_stdin_is_the_command_s(tmp_path: Path) -> None:
    """Byte for byte, and what it makes of it is shown."""
    blob = bytes(range(256)) * 4_000
    done = ran(tmp_path, "cat", blob=blob)

    assert done.stdout == blob


def test_bytes_that_are_no_text_can_be_put_together_again(tmp_path: Path) -> None:
    """Every one of them, in the trail."""
    blob = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300 + b"tail"
    ran(tmp_path, "cat", blob=blob)
    lines = [row for row in rows(tmp_path) if row["source"] == "stdout"]

    assert b"".join(map(bytes_of, lines)) == blob


def bytes_of(row: dict[str, Any]) -> bytes:
    """The line with its end."""
    metadata = row["metadata"]
    coded = metadata.get("base64")
    content = base64.b64decode(coded) if coded else row["message"].encode()
    end = b"" if metadata.get("partial") else str(metadata.get("end", "\n")).encode()
    return content + (end if row["event_type"] == "task:log" else b"")


def test_an_id_is_made_and_told(tmp_path: Path) -> None:
    """Of the command's name, on stderr, so that it can be looked up."""
    done = tasktrail("run", "echo", "hi", "--data", "x", environ={"TASKTRAIL_DATA": str(tmp_path)})
    named = done.stderr.strip().removeprefix("tasktrail: task ")

    assert done.stdout == "hi --data x\n"
    assert named.startswith("echo-")
    assert task(tmp_path, named)["title"] == "echo hi --data x"


def test_what_runs_inside_tells_the_same_task(tmp_path: Path) -> None:
    """A client, `emit` and `run` in the command; the task has one life."""
    program = (
        "import tasktrail\n"
        "client = tasktrail.connect()\n"
        "with client.task('gh-1') as task: task.logger.info('from a client')\n"
        "client.close()\n"
    )
    script = f'{PROGRAM} emit "$TASKTRAIL_TASK_ID" emitted; {PROGRAM} run -- echo nested; "$@"'
    ran(tmp_path, "sh", "-c", script, "sh", sys.executable, "-c", program)
    found = rows(tmp_path)
    messages = [row["message"] for row in found if row["channel"] == "log"]
    types = [row["event_type"] for row in found]

    assert sorted(messages) == ["emitted", "from a client", "nested"]
    assert types.count("task:completed") == types.count("task:started") == 1
    assert types.count("stage:completed") == 1


def test_the_root_that_was_named_is_the_one_inside(tmp_path: Path) -> None:
    """Whatever server the environment names."""
    script = "echo $TASKTRAIL_URL $TASKTRAIL_DATA $TASKTRAIL_TASK_ID"
    done = tasktrail(
        *("run", "--data", tmp_path, "--task", "gh-1", "--", "sh", "-c", script),
        environ={"TASKTRAIL_URL": "http://127.0.0.1:1"},
    )

    assert done.stdout.split() == [str(tmp_path), "gh-1"]


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["run"], 2, "CMD"),
        (["run", "--task", "", "true"], 2, "--task: expected an id"),
        (["run", "--task", "x", "--server", "no://where", "--", "true"], 2, "no://where"),
        (["run", "--task", "x", "--", "no-such-program"], 127, ""),
    ],
)
def test_misuse_is_told(tmp_path: Path, arguments: list[str], code: int, reason: str) -> None:
    """Before anything runs, in one line."""
    done = tasktrail(*arguments, environ={"TASKTRAIL_DATA": str(tmp_path)})

    assert done.returncode == code
    assert reason in done.stderr


def test_a_program_that_is_not_there_is_said_on_stderr(tmp_path: Path) -> None:
    """As a shell would, and the task says it too."""
    done = ran(tmp_path, "no-such-program")

    assert b"no-such-program" in done.stderr
    assert task(tmp_path)["error"] == "cannot be run: No such file or directory: no-such-program"


def test_ctrl_c_reaches_the_command_once(tmp_path: Path) -> None:
    """From the terminal it comes to both of us; we neither pass it on nor end by it."""
    command = [*before(tmp_path), sys.executable, "-c", COUNTS_SIGNALS]
    done = subprocess.run(
        [sys.executable, "-c", TYPES_CTRL_C, *command], capture_output=True, text=True, check=True
    )

    assert done.stdout.count("SIGINT") == 1
    assert done.stdout.split()[-1] == "7"
    assert task(tmp_path)["status"] == "cancelled"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_are_passed_on(tmp_path: Path, number: signal.Signals) -> None:
    """What somebody sends to us reaches the command, which decides."""
    with subprocess.Popen(
        [*before(tmp_path), sys.executable, "-c", COUNTS_SIGNALS], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        shown = process.stdout.read()

    assert (process.returncode, shown.strip().decode()) == (7, number.name)
    assert task(tmp_path)["status"] == "cancelled"


def test_a_command_that_a_signal_ends_is_named(tmp_path: Path) -> None:
    """128 and the signal's number, as in a shell."""
    done = ran(tmp_path, "sh", "-c", "kill -SEGV $$")

    assert done.returncode == 128 + signal.SIGSEGV
    assert task(tmp_path)["error"] == "killed by SIGSEGV"


def test_nothing_that_was_told_is_lost_when_we_are_killed(tmp_path: Path) -> None:
    """Each line is in the outbox when the next one comes."""
    with subprocess.Popen(
        [*before(tmp_path), "sh", "-c", "for n in $(seq 50); do echo line $n; done; exec sleep 30"],
        stdout=subprocess.PIPE,
        process_group=0,
    ) as process:
        wait_until(lambda: any(e["data"].get("message") == "line 50" for e in events_in(tmp_path)))
        os.killpg(process.pid, signal.SIGKILL)
    said = [row["message"] for row in rows(tmp_path) if row["source"] == "stdout"]

    assert said == [f"line {n}" for n in range(1, 51)]
    assert task(tmp_path)["status"] == "active"


def test_a_reader_that_goes_away_ends_the_command_as_ever(tmp_path: Path) -> None:
    """`| head` does what it would do without us."""
    script = (
        f"{PROGRAM} --data {tmp_path} run --task gh-1 -- yes | head -n 2; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["y", "y", "141"]


def test_children_left_behind_are_recorded_further(tmp_path: Path) -> None:
    """The command's end is not delayed, its children are not harmed, their words not lost."""
    script = "(sleep 2; echo late) & echo first"
    with subprocess.Popen(
        [*before(tmp_path), "sh", "-c", script], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        code = process.wait(PATIENCE_SECONDS)
        shown = process.stdout.read()
    wait_until(lambda: any(e["data"].get("message") == "late" for e in events_in(tmp_path)))

    assert (code, shown) == (0, b"first\nlate\n")
    assert [r["message"] for r in rows(tmp_path) if r["source"] == "stdout"] == ["first", "late"]


def test_an_agent_s_protocol_becomes_what_it_did(tmp_path: Path, samples: Path) -> None:
    """Tool calls, output, model calls, cost and result of a recorded run."""
    stream = samples / "stream_json" / "debussy_task_tool_output.jsonl"
    done = ran(tmp_path, "cat", str(stream))
    found, entries = task(tmp_path), rows(tmp_path)
    types = [row["event_type"] for row in entries]

    assert done.stdout == stream.read_bytes()
    assert types.count("task:tool_call") == types.count("task:tool_result") > 20
    assert types.count("task:api_call") > 2
    assert (found["status"], found["cost_micro_usd"]) == ("completed", 99_997)
    assert not [row for row in entries if row["source"] == "stdout"]


def test_a_server_gets_everything(tmp_path: Path) -> None:
    """With TASKTRAIL_URL, when `run` has ended."""
    with serving(tmp_path) as url:
        environ = {"TASKTRAIL_URL": url}
        done = tasktrail("run", "--task", "gh-1", "--", "seq", "500", environ=environ)
        asked = tasktrail("log", "gh-1", "--json", "-n", "10000", "--server", url)
    said = [r["message"] for r in json_lines(asked.stdout) if r["source"] == "stdout"]

    assert done.returncode == 0
    assert said == [str(n) for n in range(1, 501)]


def test_a_line_of_a_hundred_megabytes_comes_back_whole(tmp_path: Path) -> None:
    """With its end, in one entry of the outbox."""
    size = 100_000_000
    script = f"head -c {size} /dev/zero | tr '\\0' 'x'; echo"
    done = ran(tmp_path, "sh", "-c", script)
    lines = [one["data"]["message"] for one in events_in(tmp_path) if one.get("source") == "stdout"]

    assert len(done.stdout) == size + 1
    assert [len(line) for line in lines] == [size]
