"""The installed service takes real input from a real Redis and answers what was sent."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from websockets.sync.client import connect

from tests.support.producers import Fields, agent_run, webhook_flow
from tests.support.running_service import RunningService, start_service
from tests.support.waiting import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.live

WEBHOOKS = ("issue_comment", "issues", "pull_request", "push", "installation", "ping")
SKIPPED = {"installation", "ping"}
RUNS = (
    "claude_code/viewer/1af7fc5e-8455-4414-9ccd-011d40f70b2a.jsonl",
    "claude_code/entire/04_0b015eb1c2_0.jsonl",
    "stream_json/debussy_task_tool_output.jsonl",
)


def tasktrail(*arguments: str) -> str:
    """What the installed command prints."""
    program = Path(sys.executable).with_name("tasktrail")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    return done.stdout


def trail_lines(root: Path, task_id: str) -> list[dict[str, Any]]:
    """All entries of a trail on disk, by seq."""
    files = (root / "tasks" / task_id).glob("*.jsonl")
    lines = [json.loads(line) for one in files for line in one.read_bytes().splitlines()]
    return sorted(lines, key=lambda line: line["seq"])


@pytest.fixture
def service(tmp_path: Path, redis_url: str) -> Iterator[RunningService]:
    """The installed service over an empty root and a real Redis."""
    with start_service(tmp_path / "root", environment={"REDIS_URL": redis_url}) as running:
        yield running


@pytest.fixture
def sent(samples: Path) -> dict[str, list[Fields]]:
    """What is published for each task: its webhook, then its agent's run; "" leads to no task."""
    entries: dict[str, list[Fields]] = defaultdict(list)
    for number, name in enumerate(WEBHOOKS):
        path = min((samples / "github_webhooks" / name).glob("*.json"))
        task_id = None if name in SKIPPED else f"gh-{number}"
        entries[task_id or ""] += webhook_flow(path, task_id)
    for number, run in enumerate(RUNS):
        entries[f"gh-{number}"] += agent_run(samples / run, f"gh-{number}", failed=number == 1)
    return entries


def publish(url: str, entries: dict[str, list[Fields]]) -> None:
    """XADD everything, the tasks interleaved, each in its order."""
    client = redis.Redis.from_url(url)
    queues = [list(one) for one in entries.values()]
    while any(queues):
        for queue in queues:
            if queue:
                client.xadd("task_events", queue.pop(0))  # type: ignore[arg-type]


class Follower(threading.Thread):
    """A WebSocket client that collects what it is told of one task."""

    def __init__(self, url: str, task_id: str, count: int) -> None:
        super().__init__(daemon=True)
        self.rows: list[dict[str, Any]] = []
        self._url = f"{url.replace('http', 'ws')}/ws/logs/{task_id}?after_seq=0"
        self._count = count

    def run(self) -> None:
        """Read until everything expected is there."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with connect(self._url) as socket:
            while len(self.rows) < self._count and time.monotonic() < deadline:
                message = json.loads(socket.recv(timeout=PATIENCE_SECONDS))
                self.rows += message.get("logs", [])


def test_real_input_becomes_complete_trails(
    service: RunningService, redis_url: str, sent: dict[str, list[Fields]]
) -> None:
    """Trails, API, CLI and live socket all tell exactly what gateway and engine sent."""
    publish(redis_url, {"gh-0": sent["gh-0"][:1]} | {"early": _hello("gh-0")})
    eventually(lambda: httpx.get(f"{service.url}/api/tasks/gh-0").status_code, 200)
    follower = Follower(service.url, "gh-0", len(sent["gh-0"]) + 1)
    follower.start()
    publish(redis_url, sent | {"gh-0": sent["gh-0"][1:]})
    tasks = {name: entries for name, entries in sent.items() if name}
    total = {name: len(entries) + (name == "gh-0") for name, entries in tasks.items()}
    for name, count in total.items():
        eventually(lambda name=name: _total(service.url, name), count)  # type: ignore[misc]
    follower.join(PATIENCE_SECONDS)

    for name, entries in tasks.items():
        lines = trail_lines(service.root, name)
        assert [line["seq"] for line in lines] == list(range(1, total[name] + 1))
        _check_content(lines, entries)
        _check_answers(service.url, name, lines)
    assert [row["seq"] for row in follower.rows] == list(range(1, total["gh-0"] + 1))
    _check_summary(service, total)
    _check_holds(service.url)


def _hello(task_id: str) -> list[Fields]:
    """A first line, so that the task exists before anything else of it."""
    return [
        {"type": "task:log", "task_id": task_id, "data": json.dumps({"message": "hello"})},
    ]


def _total(url: str, name: str) -> int | None:
    answer = httpx.get(f"{url}/api/tasks/{name}/logs", params={"limit": 1}).json()
    total: int | None = answer.get("total_count")
    return total


def _check_content(lines: list[dict[str, Any]], entries: list[Fields]) -> None:
    """Every text that was sent stands in the trail, whole, in the order of its sending."""
    for kind, key in (("thinking", "content"), ("tool_result", "content"), ("output", "content")):
        found = [line[key] for line in lines if line.get("type") == kind]
        assert found == [
            json.loads(one["data"])[key] for one in entries if one["type"] == f"task:{kind}"
        ]
    calls = [line for line in lines if line.get("type") == "tool_call"]
    asked = [json.loads(one["data"]) for one in entries if one["type"] == "task:tool_call"]
    assert [json.loads(line["tool_input"]) for line in calls] == [one["input"] for one in asked]
    flow = [line["data"] for line in lines if line["event"]["event_type"].startswith("webhook:")]
    assert flow == [json.loads(one["data"]) for one in entries if one["type"].startswith("webh")]


def _check_answers(url: str, name: str, lines: list[dict[str, Any]]) -> None:
    """REST pages through the same entries, and the sections hold the files."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params = {"limit": 50} | ({"cursor": cursor} if cursor else {})
        page = httpx.get(f"{url}/api/tasks/{name}/logs", params=params).json()
        rows += page["logs"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [row["id"] for row in rows] == [line["id"] for line in lines]
    sections = httpx.get(f"{url}/tasks/{name}/logs").json()
    assert len(sections["webhook_flow"]) == sum(
        "stage" in line and "data" in line for line in lines
    )
    assert sections["metadata"]["task_id"] == name
    # A client of the old service joins the contents and the result; both must be there.
    if name == "gh-0":
        assert "done with" in "\n".join(
            one.get("content") or "" for one in sections["agent_output"]
        )
        assert sections["final_result"]["success"] is True


def _check_summary(service: RunningService, total: dict[str, int]) -> None:
    """The list, the command line and the files agree on every task."""
    listed = httpx.get(f"{service.url}/api/tasks").json()
    by_id = {one["task_id"]: one for one in listed["tasks"]}
    assert {name: by_id[name]["counts"]["entries"] for name in total} == total
    assert [by_id[name]["status"] for name in ("gh-0", "gh-1", "gh-3")] == [
        "completed",
        "failed",
        "detected",
    ]
    assert by_id["gh-0"]["source"] == "github"
    assert by_id["gh-0"]["cost_micro_usd"] == 123_456
    for how in (("--server", service.url), ("--data", str(service.root))):
        printed = tasktrail("log", "gh-0", "-n", "1000", "--json", *how)
        assert len(printed.splitlines()) == total["gh-0"]
        assert json.loads(tasktrail("task", "gh-0", "--json", *how))["status"] == "completed"


def _check_holds(url: str) -> None:
    """Flows that lead to no task are held and listed, and are no task."""
    holds = httpx.get(f"{url}/api/holds").json()["holds"]
    assert [one["state"] for one in holds] == ["skipped"] * len(SKIPPED)


def test_a_rebuilt_index_gives_the_same_answers(
    service: RunningService, redis_url: str, sent: dict[str, list[Fields]]
) -> None:
    """Without the index nothing is lost: the files are the truth."""
    publish(redis_url, sent)
    for name in ("gh-0", "gh-1", "gh-2"):
        eventually(lambda name=name: _total(service.url, name), len(sent[name]))  # type: ignore[misc]
    paths = ("/api/tasks", "/api/tasks/gh-0", "/api/tasks/gh-1/logs?min_level=error")
    before = [httpx.get(service.url + path).json() for path in paths]
    service.stop()
    for one in service.root.glob("index.db*"):
        one.unlink()
    tasktrail("index", "rebuild", "--data", str(service.root))
    with start_service(service.root, environment={"REDIS_URL": redis_url}) as again:
        after = [httpx.get(again.url + path).json() for path in paths]

    assert after == before


def test_the_service_starts_without_the_redis_it_was_told_of(tmp_path: Path) -> None:
    """A Redis that is not there is said, and everything recorded is served."""
    away = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    with start_service(tmp_path / "root", environment=away) as running:
        running.post([{"type": "task:log", "task_id": "t", "data": {"message": "hi"}}])
        eventually(lambda: _total(running.url, "t"), 1)
        health = httpx.get(f"{running.url}/health")

    assert health.status_code == 200
    assert health.json()["status"] == "degraded"
    assert any("redis" in reason.lower() for reason in health.json()["reasons"])


def test_the_installed_command_is_the_one_under_test() -> None:
    """Everything above ran the command of this environment."""
    program = Path(sys.executable).with_name("tasktrail")

    assert os.access(program, os.X_OK) or shutil.which("tasktrail")
