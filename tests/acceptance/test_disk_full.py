"""A full disk: every door stops before recording could fail, nothing is lost, all goes on alone."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py

import tasktrail
from tasktrail.model.acceptance import Accepted
from tasktrail.service.parts import open_parts
from tasktrail.settings import load_settings
from tests.acceptance.test_take_over import TASK, add, numbered, numbers_of
from tests.support.redis_server import RedisServer
from tests.support.running_service import start_service
from tests.support.waiting import wait_until

pytestmark = pytest.mark.live

MIB = 1 << 20
VOLUME_MIB = 16


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    """A small volume of its own; skips where nothing may be mounted."""
    place = tmp_path / "volume"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={VOLUME_MIB}m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small volume")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(volume: Path, *, leave: int) -> Path:
    """A file that leaves so many bytes free."""
    ballast = volume / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(volume).f_bavail * os.statvfs(volume).f_frsize
        file.write(bytes(max(0, free - leave)))
    return ballast


def test_all_doors_stop_and_go_on_by_themselves(volume: Path, tmp_path: Path) -> None:
    """HTTP says when to come again, the pump leaves entries in Redis, outboxes keep theirs."""
    with RedisServer(tmp_path / "redis") as redis:
        said = {"TASKTRAIL_SEGMENT_BYTES": "2MiB", "REDIS_URL": redis.url}
        with start_service(volume / "root", environment=said) as service:
            service.post([numbered(number) for number in range(5)])
            wait_until(lambda: numbers_of(service.root) == list(range(5)))
            ballast = fill(volume, leave=MIB)
            event = json.dumps(numbered(99)).encode()
            wait_until(lambda: service.request("POST", "/api/events", event)[0] == 503)
            status, health = service.request("GET", "/health")
            add(redis, range(5, 10))
            client = tasktrail.connect(service.root, durable=True)
            client.send("task:output", task_id=TASK, data={"content": "n 10"})
            client.close()
            waiting = redis_py.Redis.from_url(redis.url).xlen("task_events")
            ballast.unlink()
            wait_until(lambda: {*range(11)} <= set(numbers_of(service.root)))
            wait_until(lambda: redis.pending() == 0)
            service.post([numbered(11)])
            wait_until(lambda: 11 in numbers_of(service.root))
            again = service.request("GET", "/health")[0]

    assert (status, again, waiting) == (503, 200, 5)
    assert b"the disk is nearly full" in health
    assert sorted(numbers_of_closed(volume)) == list(range(12))


def numbers_of_closed(volume: Path) -> list[int]:
    """What the root holds at the end; each once, its seq dense."""
    return [number for number in numbers_of(volume / "root") if number != 99]


def _accepted(event: bytes) -> Accepted:
    return Accepted(event, identity=None, key=TASK)


def test_a_partition_that_meets_the_end_of_the_disk_goes_on(volume: Path) -> None:
    """Accepted, and then somebody else fills the disk: it is said, waited out, and recorded."""
    settings = load_settings(
        {"TASKTRAIL_SEGMENT_BYTES": "2MiB"}, overrides={"data": str(volume / "root")}
    )
    stop = threading.Event()
    with open_parts(settings) as parts:
        events = [json.dumps(numbered(number) | {"pad": "x" * 9_000}) for number in range(100)]
        parts.spool.append([_accepted(event.encode()) for event in events])
        ballast = fill(volume, leave=64 * 1024)
        thread = threading.Thread(target=parts.recording.run, args=(stop,))
        thread.start()
        try:
            wait_until(lambda: parts.recording.status().troubles)
            trouble = parts.recording.status().troubles[0]
            ballast.unlink()
            wait_until(lambda: not parts.recording.status().troubles)
            wait_until(lambda: len(numbers_of(settings.data)) == 100)
        finally:
            stop.set()
            thread.join()

    assert "ENOSPC" in trouble
    assert numbers_of(settings.data) == list(range(100))
