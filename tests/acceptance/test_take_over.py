"""An owner that dies or freezes is followed by another; there are never two writers."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py

from tests.support.redis_server import RedisServer
from tests.support.running_service import RunningService, start_service
from tests.support.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.live

TASK = "gh-1"
Pair = tuple[RunningService, RunningService]


def numbered(number: int) -> dict[str, Any]:
    """An event that says which it is."""
    return {"type": "task:output", "task_id": TASK, "data": {"content": f"n {number}"}}


def lines_of(root: Path) -> list[dict[str, Any]]:
    """The complete lines of the trail, by seq."""
    files = (root / "tasks" / TASK).glob("*.jsonl")
    whole = [line for one in files for line in one.read_bytes().split(b"\n")[:-1]]
    lines = [json.loads(line) for line in whole]
    return sorted(lines, key=lambda line: line["seq"])


def numbers_of(root: Path) -> list[int]:
    """Which events are recorded, in the order of the trail; its seq must be dense."""
    lines = lines_of(root)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    return [int(line["content"].split()[1]) for line in lines]


@pytest.fixture
def services(tmp_path: Path, redis: RedisServer) -> Iterator[Pair]:
    """Two services of one root and one Redis; the first owns everything."""
    environment = {"TASKTRAIL_STALLED_SECONDS": "2", "REDIS_URL": redis.url}
    with (
        start_service(tmp_path / "root", environment=environment) as first,
        RunningServiceBeside(first, tmp_path, environment) as second,
    ):
        yield first, second
        if first.process.poll() is None:
            os.kill(first.pid, signal.SIGCONT)


class RunningServiceBeside(RunningService):
    """A second service of the same root, with a log of its own."""

    def __init__(self, first: RunningService, folder: Path, environment: dict[str, str]) -> None:
        super().__init__(folder / "second", environment=environment)
        self.root = first.root

    def __enter__(self) -> RunningService:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


def add(redis: RedisServer, numbers: range) -> None:
    """The events in the stream, as other programs put them there."""
    client = redis_py.Redis.from_url(redis.url)
    for number in numbers:
        fields = numbered(number)
        fields["data"] = json.dumps(fields["data"])
        client.xadd("task_events", fields)  # type: ignore[arg-type]
    client.close()


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
def test_another_service_goes_on(services: Pair, redis: RedisServer, fate: signal.Signals) -> None:
    """Recording, the pump and the index pass to the one that lives, and nothing comes twice.

    One that froze is ended: it can never write again beside its successor.
    """
    first, second = services
    root = first.root
    first.post([numbered(number) for number in range(5)])
    wait_until(lambda: len(lines_of(root)) == 5)
    add(redis, range(5, 10))
    wait_until(lambda: len(lines_of(root)) == 10)
    os.kill(first.pid, fate)
    second.post([numbered(number) for number in range(10, 15)])
    wait_until(lambda: len(lines_of(root)) == 15)
    add(redis, range(15, 20))
    wait_until(lambda: len(lines_of(root)) == 20)
    wait_until(lambda: second.get(f"/api/tasks/{TASK}/logs")["total_count"] == 20)

    assert numbers_of(root) == list(range(20))
    assert first.process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert redis.pending() == 0


def test_a_standby_knows_what_its_owner_does(services: Pair, redis: RedisServer) -> None:
    """Its figures are known, and trouble of the one that pumps is trouble of both."""
    _, second = services
    add(redis, range(3))

    def figures() -> dict[str, Any]:
        answer = second.request("GET", "/metrics", Accept="application/json")
        return dict(json.loads(answer[1]))

    wait_until(lambda: figures().get("queue_depth") == 0)
    redis.kill()
    wait_until(lambda: second.get("/health")["status"] == "degraded")
    reasons = " ".join(second.get("/health")["reasons"])

    assert "runs in another process" in reasons
    assert "away" in reasons
