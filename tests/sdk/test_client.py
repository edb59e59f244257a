"""A job connects, says what happens, and is never harmed by it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import tasktrail
from tasktrail.chaos.processes import free_port
from tasktrail.errors import InvalidSetting
from tasktrail.model.event import Event, parse_event
from tasktrail.sdk.client import Client
from tests.support.outboxes import frames_of
from tests.support.scripted_server import ScriptedServer


def events(directory: Path) -> list[Event]:
    """What waits in the outboxes of a data root."""
    return [parse_event(bytes(frame.event)) for frame in frames_of(directory / "outbox")]


def run(program: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """What a job that runs this program does."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_said_waits_in_the_data_root(tmp_path: Path) -> None:
    """Each event with its name, task, time and data."""
    with tasktrail.connect(tmp_path) as client:
        client.send("custom:event", task_id="t", data={"n": 1}, job_id="j")

    (event,) = events(tmp_path)
    assert (event.event_type, event.task_id, event.text("job_id")) == ("custom:event", "t", "j")
    assert event.data_blob == b'{"n":1}'
    assert event.timestamp is not None


def test_the_environment_names_the_data_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TASKTRAIL_DATA, else LOGS_DIR's parent; settings of the server are none of the job's."""
    monkeypatch.setenv("PORT", "no port")
    monkeypatch.setenv("LOGS_DIR", str(tmp_path / "one" / "tasks"))
    with tasktrail.connect() as client:
        client.send("x", task_id="t")
    monkeypatch.setenv("TASKTRAIL_DATA", str(tmp_path / "two"))
    with tasktrail.connect() as client:
        client.send("x", task_id="t")

    assert len(events(tmp_path / "one")) == len(events(tmp_path / "two")) == 1


def test_a_task_is_told_from_beginning_to_end(tmp_path: Path) -> None:
    """The example of the documentation does what it says."""
    with (
        tasktrail.connect(tmp_path) as client,
        client.task("gh-450", title="Fix login", source="github", session_id="s") as task,
    ):
        task.logger.info("cloning", repo="acme/app")
        task.logger.with_source("git").progress("fetching objects", percent=40)
        with task.stage("plan"):
            task.output("Analyzing the codebase…")
            task.api_call(model="claude-sonnet-4-5", input_tokens=5000, output_tokens=2000)

    types = [event.event_type for event in events(tmp_path)]
    assert types == [
        *("task:created", "task:started", "task:log", "task:progress"),
        *("stage:started", "task:output", "task:api_call", "stage:completed", "task:completed"),
    ]
    assert {event.task_id for event in events(tmp_path)} == {"gh-450"}


def test_nothing_that_is_logged_raises(tmp_path: Path) -> None:
    """Whatever the disk and the values do, the job goes on and the losses are counted."""

    class Broken:
        """A value that can neither be shown, nor compared, nor read."""

        def __repr__(self) -> str:
            raise ValueError

        def __eq__(self, other: object) -> bool:
            raise ValueError

        def keys(self) -> list[str]:
            """Raises, as a closed database's row does."""
            raise ValueError

        def __hash__(self) -> int:
            raise ValueError

    (tmp_path / "root").write_text("a file where the directory should be")
    client = tasktrail.connect(tmp_path / "root")
    task = client.task("t")
    task.logger.info(Broken(), metadata={"bad": Broken()}, more=Broken())
    task.logger.progress("x", percent=Broken(), metadata=Broken())  # type: ignore[arg-type]
    task.tool_result("x", Broken())
    task.result(Broken())
    client.send("x", data={"cycle": client}, type="y")
    client.close()

    assert client.lost == 5


def test_broken_values_cost_only_themselves(tmp_path: Path) -> None:
    """The event is there, with a word in the place of what could not be written."""

    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    with tasktrail.connect(tmp_path) as client:
        client.task("t").logger.info("hello", bad=Broken(), good=1)

    (event,) = events(tmp_path)
    assert bytes(event.data["metadata"]) == b'{"bad":"<unprintable Broken>","good":1}'
    assert client.lost == 0


def test_events_told_after_the_end_are_kept(tmp_path: Path) -> None:
    """A late thread still has something to say."""
    client = tasktrail.connect(tmp_path)
    client.send("a", task_id="t")
    client.close()
    client.send("b", task_id="t")
    client.close()

    assert [event.event_type for event in events(tmp_path)] == ["a", "b"]


def test_a_job_that_just_ends_has_said_everything(tmp_path: Path) -> None:
    """Also what was buffered: the end of the process writes it."""
    program = "import tasktrail; tasktrail.connect(buffered=True).send('x', task_id='t')"
    outcome = run(program, TASKTRAIL_DATA=str(tmp_path))

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert len(events(tmp_path)) == 1


def test_a_forked_job_speaks_for_itself(tmp_path: Path) -> None:
    """Parent and child both are heard, each event once."""
    program = (
        "import os, tasktrail\n"
        "c = tasktrail.connect(buffered=True)\n"
        "c.send('parent', task_id='t')\n"
        "if os.fork() == 0:\n"
        "    c.send('child', task_id='t')\n"
        "else:\n"
        "    os.wait()\n"
    )
    outcome = run(program, TASKTRAIL_DATA=str(tmp_path))

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert sorted(event.event_type for event in events(tmp_path)) == ["child", "parent"]


def test_a_forked_child_writes_what_it_buffered(tmp_path: Path) -> None:
    """Its thread is its own: the parent's does not run there."""
    program = (
        "import os, time, tasktrail\n"
        "c = tasktrail.connect(buffered=True)\n"
        "c.send('parent', task_id='t')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    c.send('child', task_id='t')\n"
        "    deadline = time.monotonic() + 20\n"
        "    while not c.path.exists() and time.monotonic() < deadline:\n"
        "        time.sleep(0.01)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
    )
    outcome = run(program, TASKTRAIL_DATA=str(tmp_path))

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert sorted(event.event_type for event in events(tmp_path)) == ["child", "parent"]


def test_durable_and_buffered_contradict_each_other(tmp_path: Path) -> None:
    """Who asks for both is told before anything is lost."""
    with pytest.raises(InvalidSetting, match="buffered or durable"):
        tasktrail.connect(tmp_path, buffered=True, durable=True)


def test_a_tasks_level_that_is_none_is_told_and_raises_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Only `connect` refuses: a job that is under way goes on with the client's level."""
    with pytest.raises(InvalidSetting, match="level"):
        tasktrail.connect(tmp_path, level="loud")
    with tasktrail.connect(tmp_path) as client:
        client.task("gh-1", level="loud").logger.info("kept")

    assert [event.event_type for event in events(tmp_path)] == ["task:log"]
    assert "level: expected one of" in capfd.readouterr().err


def test_a_durable_client_needs_no_thread(tmp_path: Path) -> None:
    """Every event is on disk when its call returns."""
    with tasktrail.connect(tmp_path, durable=True) as client:
        client.send("x", task_id="t")
        assert client.flush()

    assert len(events(tmp_path)) == 1


@pytest.mark.parametrize("url", ["ftp://localhost:6379", "http://:80", "127.0.0.1:8090"])
def test_an_address_that_means_nothing_is_named(url: str) -> None:
    """At once, not in a thread that nobody hears."""
    with pytest.raises(InvalidSetting, match="http"):
        tasktrail.connect(url)


def test_events_for_a_server_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """TASKTRAIL_URL names it; the key is shown."""
    with ScriptedServer() as server:
        monkeypatch.setenv("TASKTRAIL_URL", server.url)
        monkeypatch.setenv("TASKTRAIL_API_KEY", "secret")
        with tasktrail.connect() as client:
            client.task("t").logger.info("hello")
            assert client.flush(timeout_seconds=20)

    (event,) = server.events()
    assert event["type"] == "task:log"
    assert server.requests[0].headers["Authorization"] == "Bearer secret"


def test_a_server_that_is_not_there_harms_no_job() -> None:
    """Events wait on this machine, stderr says so once, the job's result is its own."""
    url = f"http://127.0.0.1:{free_port()}"
    program = (
        "import tasktrail\n"
        "with tasktrail.connect() as c, c.task('t') as task:\n"
        "    task.output('hello')\n"
    )
    outcome = run(program, TASKTRAIL_URL=url)
    with ScriptedServer(port=int(url.rpartition(":")[2])) as server:
        again = run(program, TASKTRAIL_URL=url)

    assert (outcome.returncode, outcome.stdout) == (0, "")
    assert outcome.stderr.count("tasktrail:") == 1
    assert (again.returncode, again.stderr) == (0, "")
    assert [event["type"] for event in server.events()] == [
        *("task:created", "task:started", "task:output", "task:completed"),
        *("task:created", "task:started", "task:output", "task:completed"),
    ]


def test_what_was_lost_is_not_on_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`flush` and `close` do not say so, until the trail tells of the loss."""
    in_the_way = tmp_path / "outbox"
    in_the_way.write_bytes(b"no directory")
    client = tasktrail.connect(tmp_path)
    client.send("x", task_id="t")
    answers = [client.flush(), client.close()]
    in_the_way.unlink()
    client.send("x", task_id="t")

    assert [*answers, client.flush()] == [False, False, True]
    assert [event.event_type for event in events(tmp_path)] == ["x", "loss"]
    assert capsys.readouterr().err.count("events are lost") == 1


def test_a_server_that_hangs_is_told_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the place where it waits: nobody else would say that nothing arrived."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        client = tasktrail.connect(f"http://127.0.0.1:{hanging.getsockname()[1]}")
        client.send("x", task_id="t")
        is_taken = client.close(timeout_seconds=0.1)

    assert not is_taken
    assert str(client.path.parent) in capsys.readouterr().err


def test_an_empty_address_is_refused() -> None:
    """It would be the directory that the job happens to stand in."""
    with pytest.raises(InvalidSetting):
        tasktrail.connect("")


def test_a_client_can_be_made_for_any_directory(tmp_path: Path) -> None:
    """What a test or another room of ours uses: an outbox in that directory."""
    client = Client(tmp_path / "outbox", clock=lambda: 0)
    client.send("x", task_id="t")
    client.close()

    (event,) = events(tmp_path)
    assert bytes(event.timestamp or b"") == b'"1970-01-01T00:00:00.000000Z"'
