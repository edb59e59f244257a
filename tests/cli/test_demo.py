"""`tasktrail demo`."""

import signal
import socket
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import first_line, started, until
from tests.support.waiting import PATIENCE_SECONDS, in_the_end

FAST = ("demo", "--no-browser", "--speed", "50", "--seed", "4")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves anything in the cache of who runs it, nor tidies up there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def tasks_of(url: str, *options: str) -> list[dict[str, Any]]:
    """The demo's tasks."""
    return json_lines(tasktrail("tasks", "--json", "--server", url, *options).stdout)


def test_tasks_appear_run_and_end(tmp_path: Path) -> None:
    """At one printed address there are tasks that run, have completed and have failed."""
    with started(*FAST, "--port", "0", "--data", tmp_path / "root") as process:
        url = first_line(process.stdout)
        in_the_end(lambda: tasks_of(url, "--status", "active"))
        in_the_end(lambda: tasks_of(url, "--status", "completed"))
        in_the_end(lambda: tasks_of(url, "--status", "failed"))
        process.send_signal(signal.SIGINT)
        said = process.stderr.read() if process.stderr else ""
        code = process.wait(PATIENCE_SECONDS)

    assert code == 130
    assert f"recorded in {tmp_path / 'root'} (stays)" in said
    assert "Traceback" not in said
    assert tasktrail("verify", "--data", tmp_path / "root").returncode == 0


def test_nothing_is_left_of_a_demo_in_the_cache(tmp_path: Path) -> None:
    """Without --data it records in a directory of its own, says where, and removes it."""
    with started(*FAST, "--port", "0") as process:
        url = first_line(process.stdout)
        said = until(process.stderr, "recorded in")
        in_the_end(lambda: tasks_of(url))
        process.terminate()
        code = process.wait(PATIENCE_SECONDS)

    assert code == 0
    assert f"recorded in {tmp_path / 'cache' / 'tasktrail' / 'demo'}" in said
    assert list((tmp_path / "cache" / "tasktrail" / "demo").iterdir()) == []


def test_a_port_that_was_asked_for_must_be_free() -> None:
    """A port somebody chose is not exchanged for another one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        by_option = tasktrail(*FAST, "--port", port)
        by_setting = tasktrail(*FAST, environ={"PORT": port})

    assert (by_option.returncode, by_setting.returncode) == (1, 1)
    assert f"127.0.0.1:{port}" in by_option.stderr


@pytest.mark.live
def test_with_a_redis_events_travel_through_it(tmp_path: Path, redis_url: str) -> None:
    """Real producers' stream is neither written nor read, and no key is left behind."""
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    client.xadd("task_events", {"type": "task:log", "task_id": "real", "data": "{}"})
    root = tmp_path / "root"
    code = demo_for_a_while(root, {"REDIS_URL": redis_url})
    keys = client.keys("*")
    groups = client.xinfo_groups("task_events")
    calls = client.info("commandstats")["cmdstat_xadd"]["calls"]
    client.close()

    assert code == 0
    assert calls > 10
    assert (keys, groups) == (["task_events"], [])


def demo_for_a_while(root: Path, environ: dict[str, str]) -> int:
    """The exit code of a demo that was ended after its first completed task."""
    with started(*FAST, "--port", "0", "--data", root, environ=environ) as process:
        url = first_line(process.stdout)
        in_the_end(lambda: tasks_of(url, "--status", "completed"))
        process.terminate()
        return process.wait(PATIENCE_SECONDS)
