"""Followers over all that happens to a service: each entry once, in order, in flat memory."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from websockets.sync.client import ClientConnection, connect

from tasktrail.chaos.processes import free_port
from tests.cli.services import started, until
from tests.support.running_service import RunningService, start_service
from tests.support.waiting import PATIENCE_SECONDS, wait_until

CONNECTIONS = 150  # in a row; ten thousand are a benchmark's matter
STALLED = 20
MEGABYTES_MORE = 80  # what stalled followers may cost together: a batch each, and no more


def events(task_id: str, first: int, last: int, *, size: int = 0) -> list[dict[str, object]]:
    """Numbered log entries."""
    return [
        {"type": "task:log", "task_id": task_id, "data": {"message": f"{n} " + "x" * size}}
        for n in range(first, last + 1)
    ]


@contextmanager
def follower(url: str, path: str = "/gh-1", query: str = "") -> Iterator[ClientConnection]:
    """A follow socket."""
    address = f"ws://{urlsplit(url).netloc}/ws/logs{path}?{query}"
    with connect(
        address, compression=None, max_size=None, open_timeout=PATIENCE_SECONDS
    ) as connection:
        yield connection


def seqs(connection: ClientConnection, count: int) -> list[int]:
    """The seqs of the next so many entries."""
    found: list[int] = []
    while len(found) < count:
        message: dict[str, Any] = msgspec.json.decode(connection.recv(timeout=PATIENCE_SECONDS))
        found += [entry["seq"] for entry in message.get("logs", ())]
    return found


def test_a_recorder_in_another_process_is_followed(tmp_path: Path) -> None:
    """The server that tells and the process that records need not be the same."""
    root = tmp_path / "root"
    with started("record", "--data", root) as recorder:
        until(recorder.stderr, "recording")
        wait_until((root / "partitions" / "0.lock").exists, what="the recorder's lock")
        with start_service(root) as service:
            service.record(events("gh-1", 1, 1))
            with follower(service.url, query="after_seq=0") as one:
                found = seqs(one, 1)
                for first in range(2, 102, 20):
                    service.post(events("gh-1", first, first + 19))
                found += seqs(one, 100)

    assert found == list(range(1, 102))


def test_a_restart_of_the_server_costs_nothing(tmp_path: Path) -> None:
    """Whoever connects again with the last seq misses nothing and gets nothing twice."""
    options = ("--port", str(free_port()))
    found: list[int] = []
    for turn in range(2):
        with start_service(tmp_path / "root", *options) as service:
            service.record(events("gh-1", 10 * turn + 1, 10 * turn + 5))
            with follower(service.url, query=f"after_seq={len(found)}") as one:
                found += seqs(one, 10 * turn + 5 - len(found))
            service.post(events("gh-1", 10 * turn + 6, 10 * turn + 10))
            service.kill()

    assert found == list(range(1, 16))


def test_history_and_live_meet_at_any_moment(tmp_path: Path) -> None:
    """Followers that come while entries arrive all see all of them."""
    got: dict[int, list[int]] = {}
    with start_service(tmp_path / "root") as service:
        service.record(events("gh-1", 1, 10))

        def follow_from_the_start(number: int) -> None:
            with follower(service.url, query="after_seq=0") as one:
                got[number] = seqs(one, 210)

        threads = [threading.Thread(target=follow_from_the_start, args=(n,)) for n in range(8)]
        for number, thread in enumerate(threads):
            thread.start()
            service.post(events("gh-1", 11 + 25 * number, 35 + 25 * number))
        for thread in threads:
            thread.join()

    assert list(got.values()) == [list(range(1, 211))] * 8


def test_followers_that_never_read_cost_a_batch_each(tmp_path: Path) -> None:
    """Nobody waits for them, and the server's memory does not follow what they do not read."""
    with start_service(tmp_path / "root") as service, ExitStack() as stack:
        service.record(events("gh-1", 1, 1))
        before = resident_megabytes(service)
        for _ in range(STALLED):
            stack.enter_context(closing(stalled(service.url)))
        reader = stack.enter_context(follower(service.url, query="after_seq=0"))
        for first in range(2, 1_002, 100):
            service.post(events("gh-1", first, first + 99, size=10_000))
        found = seqs(reader, 1_001)
        more = resident_megabytes(service) - before

    assert found == list(range(1, 1_002))
    assert more < MEGABYTES_MORE


def test_many_connections_in_a_row_leave_nothing_behind(tmp_path: Path) -> None:
    """No descriptor, no follower, no thread."""
    with start_service(tmp_path / "root") as service:
        service.record(events("gh-1", 1, 1))
        with follower(service.url, query="after_seq=0") as one:
            seqs(one, 1)
        before = descriptors(service)
        for _ in range(CONNECTIONS):
            with closing(handshake(service.url)) as raw:
                raw.recv(65_536)
        wait_until(lambda: descriptors(service) <= before + 2, what="every connection's end")
        with follower(service.url, query="after_seq=0") as one:
            found = seqs(one, 1)

    assert found == [1]


def handshake(url: str) -> socket.socket:
    """A connection that asks to follow gh-1 from its start, in as few steps as possible."""
    host, _, port = urlsplit(url).netloc.rpartition(":")
    raw = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
    raw.sendall(
        b"GET /ws/logs/gh-1?after_seq=0 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    return raw


def stalled(url: str) -> socket.socket:
    """A follower that reads its handshake, and nothing ever after."""
    raw = handshake(url)
    raw.recv(64)
    return raw


def resident_megabytes(service: RunningService) -> float:
    """What the service's process holds in memory."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    line = next(one for one in status.splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1_024


def descriptors(service: RunningService) -> int:
    """How many files and sockets the service's process has open."""
    return len(list(Path(f"/proc/{service.process.pid}/fd").iterdir()))


pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads /proc, of Linux")
