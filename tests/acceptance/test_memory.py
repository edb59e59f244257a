"""A service stays small, whatever it is sent."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.running_service import RunningService, start_service
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        not Path("/proc/self/clear_refs").exists(), reason="needs Linux: /proc tells memory"
    ),
]

MIB = 1 << 20
MOST_MIB = 256
CLIENTS = 32


def event(number: int, size: int) -> bytes:
    """An event of about so many bytes."""
    content = {"content": "x" * size}
    task = {"type": "task:output", "task_id": f"t-{number}", "data": content}
    return json.dumps(task).encode()


def peak_mib(service: RunningService) -> int:
    """The most memory that the process had since it started."""
    status = Path(f"/proc/{service.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def post(service: RunningService, body: bytes) -> int:
    """The status of the answer."""
    return service.request("POST", "/api/events", body)[0]


def test_a_flood_of_large_events_costs_bounded_memory(tmp_path: Path) -> None:
    """20 MB events, refused ones of 140 MB and a crowd with 1 MB each stay below 256 MiB.

    What is accepted is recorded whole; whoever is too much at once is told to come again.
    """
    with start_service(tmp_path / "root") as service:
        large = post(service, event(0, 20 * MIB))
        refused = post(service, event(1, 140 * MIB))
        with ThreadPoolExecutor(CLIENTS) as crowd:
            bodies = [event(number, MIB) for number in range(2, 2 + CLIENTS)]
            statuses = set(crowd.map(lambda body: post(service, body), bodies))
        entry = service.root / "tasks" / "t-0" / "04-agent-output.jsonl"
        wait_until(lambda: entry.exists() and entry.stat().st_size > 20 * MIB)
        peak = peak_mib(service)

    assert (large, refused) == (202, 413)
    assert statuses <= {202, 503}
    assert peak < MOST_MIB
