"""kill -9 in the middle: every trail stays complete, in order and without duplicates."""

import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from tests.acceptance.test_end_to_end import tasktrail, trail_lines
from tests.support.running_service import start_service
from tests.support.waiting import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.live

TASKS = 5
EVENTS = 3_000  # per door
KILLS = 4


def numbered(door: str, number: int) -> dict[str, Any]:
    """An event that says which it is of its door."""
    task_id = f"t-{number % TASKS}"
    return {"type": "task:output", "task_id": task_id, "data": {"content": f"{door} {number}"}}


class Doors(threading.Thread):
    """Sends through Redis and HTTP all the while; what HTTP did not accept is sent again."""

    def __init__(self, redis_url: str, address: list[str]) -> None:
        super().__init__(daemon=True)
        self._redis = redis.Redis.from_url(redis_url)
        self._address = address
        self.accepted = 0

    def run(self) -> None:
        """Every event goes out in its order, each batch until it is accepted."""
        for start in range(0, EVENTS, 50):
            for number in range(start, start + 50):
                fields = numbered("redis", number)
                fields["data"] = json.dumps(fields["data"])
                self._redis.xadd("task_events", fields)  # type: ignore[arg-type]
            while not self._post(start):
                threading.Event().wait(0.05)
            self.accepted += 50

    def _post(self, start: int) -> bool:
        batch = [
            numbered("http", number) | {"src": "producer", "src_seq": number}
            for number in range(start, start + 50)
        ]
        try:
            answer = httpx.post(
                f"{self._address[0]}/api/events", json=batch, timeout=PATIENCE_SECONDS
            )
        except httpx.HTTPError:
            return False
        return answer.status_code == 202


def kill_times() -> Iterator[int]:
    """After how many accepted events the service dies, from a fixed seed."""
    dice = random.Random(20261122)
    return iter(sorted(dice.randrange(100, EVENTS - 200) for _ in range(KILLS)))


def test_nothing_is_lost_doubled_or_reordered_by_kills(tmp_path: Path, redis_url: str) -> None:
    """Every event of both doors stands once, in its door's order, with a dense seq."""
    root, environment = tmp_path / "root", {"REDIS_URL": redis_url}
    address: list[str] = []
    doors = Doors(redis_url, address)
    for killed_at in kill_times():
        with start_service(root, environment=environment) as running:
            address[:] = [running.url]
            if not doors.is_alive() and not doors.ident:
                doors.start()
            while doors.is_alive() and doors.accepted < killed_at:
                threading.Event().wait(0.01)
            running.kill()
    with start_service(root, environment=environment) as running:
        address[:] = [running.url]
        doors.join(120)
        eventually(lambda: _recorded(running.url), 2 * EVENTS)
    tasktrail("verify", "--data", str(root))

    for number in range(TASKS):
        lines = trail_lines(root, f"t-{number}")
        assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
        for door in ("redis", "http"):
            told = [line["content"] for line in lines if line["content"].startswith(door)]
            assert told == [f"{door} {n}" for n in range(number, EVENTS, TASKS)]


def _recorded(url: str) -> int:
    tasks = httpx.get(f"{url}/api/tasks").json()["tasks"]
    return sum(one["counts"]["entries"] for one in tasks)
