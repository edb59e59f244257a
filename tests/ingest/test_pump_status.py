"""What a pump that stands by knows of the one that works."""

import threading
from pathlib import Path

from msgspec.structs import replace

from tasktrail.ingest.pump_status import (
    PumpReport,
    PumpStatus,
    read_report,
    seen_from_beside,
    write_report,
)
from tests.support.pumping import Pumping
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

SECOND = 1_000_000
OWN = PumpStatus("s", "standby", "another process pumps this stream", None, None, 0, 0)
WELL = PumpStatus("s", "connected", None, 7, 1.5, 0, 0, dead_in_a_row=3)


def test_the_owner_s_figures_are_ours() -> None:
    """A standby tells what waits in Redis although it reads nothing there."""
    seen = seen_from_beside(OWN, PumpReport(at=10 * SECOND, pid=4, status=WELL), 11 * SECOND)

    assert (seen.state, seen.depth, seen.lag_seconds, seen.dead_in_a_row) == ("standby", 7, 1.5, 3)
    assert seen.owner_trouble is None


def test_the_owner_s_trouble_is_told() -> None:
    """Refused there means that nobody reads the stream."""
    refused = replace(WELL, state="refused", reason="consumer 'x' reads the group", depth=None)
    seen = seen_from_beside(OWN, PumpReport(at=10 * SECOND, pid=4, status=refused), 11 * SECOND)

    assert seen.owner_trouble == "process 4: refused: consumer 'x' reads the group"
    assert seen.depth is None


def test_an_owner_that_says_nothing_is_stuck() -> None:
    """An old report is no knowledge: what waits is unknown, and somebody should look."""
    seen = seen_from_beside(OWN, PumpReport(at=10 * SECOND, pid=4, status=WELL), 60 * SECOND)

    assert seen.owner_trouble is not None
    assert "process 4 has said nothing for 50 s" in seen.owner_trouble
    assert (seen.depth, seen.lag_seconds) == (None, None)


def test_without_a_report_nothing_is_known() -> None:
    """An owner that has only just begun is no trouble."""
    assert seen_from_beside(OWN, None, SECOND) == OWN


def test_a_report_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    """Half a file or another program's costs the knowledge, nothing else."""
    path = tmp_path / "s.status.json"
    said = PumpReport(at=1, pid=2, status=WELL)
    write_report(path, said)
    whole = read_report(path)
    path.write_bytes(path.read_bytes()[:-20])

    assert whole == said
    assert read_report(path) is None
    assert read_report(tmp_path / "missing") is None


def test_a_standby_hears_of_its_owner(redis: RedisServer, pumping: Pumping) -> None:
    """The depth of the one that pumps, its trouble when Redis is gone, and nothing after it."""
    owner, standby = pumping.pump(redis.url), pumping.pump(redis.url)
    stop = threading.Event()
    thread = threading.Thread(target=owner.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: owner.status().state == "connected")
        standby.pump_once()
        wait_until(lambda: standby.status().depth == 0)
        redis.kill()
        wait_until(lambda: standby.status().owner_trouble)
        said = standby.status().owner_trouble
    finally:
        stop.set()
        thread.join()

    assert said is not None
    assert "away" in said
    assert standby.status().owner_trouble is None
