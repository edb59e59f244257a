"""The pump of a stream survives an absent Redis, lost replies, other pumps and other readers."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from tasktrail.chaos.processes import free_port
from tasktrail.errors import InvalidSetting, StorageFailed
from tasktrail.ingest.redis_pump import RedisPump, open_link
from tasktrail.ingest.redis_pump_link import LinkLost
from tasktrail.ingest.spool_writer import SYSTEM_DISK
from tests.support.cutting_proxy import CuttingProxy
from tests.support.pumping import GROUP, STREAM, Pumping, add
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until


def pump_all(pump: RedisPump, moved: int) -> None:
    """Step until so many entries were moved, over whatever trouble comes."""
    for _ in range(200):
        moved -= pump.pump_once(20)
        if moved <= 0:
            return
    pytest.fail(f"{moved} entries did not come, {pump.status()}")


def test_entries_arrive_in_order_and_are_acknowledged(redis: RedisServer, pumping: Pumping) -> None:
    """What a producer adds stands in the spool in its order, and nothing stays pending."""
    add(redis.ask, range(250))
    moved = pumping.pump(redis.url).drain()

    assert moved == 250
    assert pumping.numbers() == list(range(250))
    assert redis.pending() == 0
    assert pumping.gaps() == []


def test_draining_again_moves_nothing(redis: RedisServer, pumping: Pumping) -> None:
    """Where nothing is new, nothing happens."""
    add(redis.ask, range(3))
    pumping.pump(redis.url).drain()

    assert pumping.pump(redis.url).drain() == 0
    assert len(pumping.frames()) == 3


def test_an_absent_redis_is_said_once(pumping: Pumping, caplog: pytest.LogCaptureFixture) -> None:
    """A Redis that is not there is one warning, a visible state and longer and longer waits."""
    pump = pumping.pump(f"redis://:secret@127.0.0.1:{free_port()}/0")
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert pump.pump_once() == 0

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "secret" not in caplog.text
    assert pump.status().state == "away"
    assert pump.status().depth is None


def test_a_redis_that_comes_back_goes_on(tmp_path: Path, pumping: Pumping) -> None:
    """Killed and started again, a Redis with its log on disk loses nothing and doubles nothing."""
    with RedisServer(tmp_path / "redis", appendonly=True) as redis:
        add(redis.ask, range(5))
        pump = pumping.pump(redis.url)
        pump_all(pump, 5)
        add(redis.ask, range(5, 10))
        redis.kill()
        away = pump.pump_once()
        state = pump.status().state
        redis.start()
        pump_all(pump, 5)
        pump.drain()

    assert (away, state) == (0, "away")
    assert pumping.numbers() == list(range(10))
    assert pumping.gaps() == []


def test_a_lost_reply_skips_nothing(redis: RedisServer, pumping: Pumping) -> None:
    """A read whose reply is lost leaves its entries pending; they come before all later ones."""
    add(redis.ask, range(10))
    with CuttingProxy(redis.port) as proxy:
        pump = pumping.pump(proxy.url, batch=10)
        assert pump.pump_once() == 10
        add(redis.ask, range(10, 20))
        proxy.cut_reply_to(b"\r\n>\r\n")
        assert pump.pump_once() == 0
        add(redis.ask, range(20, 50))
        pump_all(pump, 40)

    assert proxy.cuts == 1
    assert pumping.numbers() == list(range(50))
    assert redis.pending() == 0


def test_a_crash_before_the_acknowledgement_doubles_nothing(
    redis: RedisServer, pumping: Pumping
) -> None:
    """What is delivered again has the identity it had, so the recorder knows it."""
    add(redis.ask, range(10))
    with CuttingProxy(redis.port) as proxy:
        pump = pumping.pump(proxy.url)
        proxy.cut_before(b"XACK")
        pump.pump_once()
        pump.close()
        left = redis.pending()
        pumping.pump(redis.url).drain()

    frames = pumping.frames()
    assert left == 10
    assert len(frames) == 20
    assert len({frame.id for frame in frames}) == 10
    assert redis.pending() == 0
    assert pumping.gaps() == []


def test_nothing_is_acknowledged_that_the_disk_has_not(redis: RedisServer, tmp_path: Path) -> None:
    """A disk that refuses leaves the entries pending; they come when it recovers."""
    syncs: list[int] = []

    def fail_once(fd: int) -> None:
        syncs.append(fd)
        if len(syncs) == 1:
            raise OSError(5, "Input/output error")

    add(redis.ask, range(3))
    with Pumping(tmp_path / "root", disk=SYSTEM_DISK._replace(sync=fail_once)) as pumping:
        pump = pumping.pump(redis.url)
        moved = pump.pump_once()
        blocked, left = pump.status(), redis.pending()
        pump_all(pump, 3)

        assert (moved, blocked.state, left) == (0, "blocked", 3)
        assert "Input/output" in str(blocked.reason)
        assert pumping.numbers() == [0, 1, 2]
        assert redis.pending() == 0


def test_of_two_pumps_one_stands_by(redis: RedisServer, pumping: Pumping) -> None:
    """The lock on the data volume lets one pump; the other takes over when it is gone."""
    first, second = pumping.pump(redis.url), pumping.pump(redis.url)
    add(redis.ask, range(2))
    assert first.pump_once() == 2
    add(redis.ask, range(2, 4))
    waited = second.pump_once()
    state = second.status().state
    first.close()
    second.drain()

    assert (waited, state) == (0, "standby")
    assert pumping.numbers() == [0, 1, 2, 3]


def test_another_reader_of_the_group_is_refused(redis: RedisServer, pumping: Pumping) -> None:
    """Two readers would split the stream: the pump says who it is and reads nothing."""
    add(redis.ask, range(4))
    redis.ask("XGROUP", "CREATE", STREAM, GROUP, "0")
    redis.ask("XREADGROUP", "GROUP", GROUP, "worker-1", "COUNT", 2, "STREAMS", STREAM, ">")
    pump = pumping.pump(redis.url)
    moved = pump.pump_once()

    assert (moved, pump.status().state) == (0, "refused")
    assert "worker-1" in str(pump.status().reason)
    assert pumping.frames() == []


def test_an_idle_reader_s_entries_are_inherited_in_order(
    redis: RedisServer, pumping: Pumping
) -> None:
    """What a reader that is gone left pending comes before what nobody has read."""
    add(redis.ask, range(4))
    redis.ask("XGROUP", "CREATE", STREAM, GROUP, "0")
    redis.ask("XREADGROUP", "GROUP", GROUP, "worker-1", "COUNT", 2, "STREAMS", STREAM, ">")
    pumping.pump(redis.url, foreign_idle_seconds=0).drain()

    assert pumping.numbers() == [0, 1, 2, 3]
    assert redis.pending() == 0
    assert pumping.gaps() == []


def test_a_reader_that_comes_later_is_noticed(redis: RedisServer, pumping: Pumping) -> None:
    """The pump looks again while it works, and stops when somebody shares its group."""
    add(redis.ask, range(2))
    pump = pumping.pump(redis.url)
    pump_all(pump, 2)
    add(redis.ask, range(2, 4))
    redis.ask("XREADGROUP", "GROUP", GROUP, "worker-1", "COUNT", 1, "STREAMS", STREAM, ">")
    pump.pump_once()
    pump.pump_once()

    assert pump.status().state == "refused"
    assert pumping.numbers() == [0, 1, 3]


def test_another_data_root_is_refused(redis: RedisServer, pumping: Pumping, tmp_path: Path) -> None:
    """A stream belongs to one volume: a second root would get only what the first does not."""
    add(redis.ask, range(2))
    pumping.pump(redis.url).drain()
    add(redis.ask, range(2, 4))
    with Pumping(tmp_path / "second") as second:
        pump = second.pump(redis.url)
        moved = pump.drain()

        assert (moved, pump.status().state) == (0, "refused")
        assert "volume" in str(pump.status().reason)
        assert second.frames() == []


def test_status_tells_what_waits(redis: RedisServer, pumping: Pumping) -> None:
    """Depth and age are known at once, and zero when nothing waits."""
    add(redis.ask, range(3))
    pump = pumping.pump(redis.url, batch=1)
    pump.pump_once()
    busy = pump.status()
    pump_all(pump, 2)
    pump.pump_once()
    idle = pump.status()

    assert busy.state == "connected"
    assert busy.depth == 2
    assert busy.lag_seconds is not None
    assert (idle.depth, idle.lag_seconds) == (0, 0.0)


def test_a_running_pump_stops_when_told(redis: RedisServer, pumping: Pumping) -> None:
    """`run` pumps what comes, and frees its lock when it ends."""
    pump, stop = pumping.pump(redis.url), threading.Event()
    thread = threading.Thread(target=pump.run, args=(stop,))
    thread.start()
    add(redis.ask, range(20))
    wait_until(lambda: len(pumping.frames()) >= 20)
    stop.set()
    thread.join()

    assert pumping.numbers() == list(range(20))
    assert pumping.pump(redis.url).drain() == 0


def test_a_bug_does_not_end_a_running_pump(pumping: Pumping, redis: RedisServer) -> None:
    """Whatever is raised is told and tried again: no other thread would pump this stream."""
    stop = threading.Event()

    class Buggy(RedisPump):
        calls = 0

        def pump_once(self, block_ms: int = 0) -> int:
            self.calls += 1
            if self.calls == 1:
                raise ZeroDivisionError
            stop.set()
            return super().pump_once(block_ms)

    told: dict[str, Any] = {"stream": STREAM, "group": GROUP, "trim": "off", "batch": 10}
    pump = Buggy(pumping.layout, pumping.spool, url=redis.url, clock=pumping.clock, **told)
    pump.run(stop)

    assert pump.calls == 2


def test_a_link_is_never_opened_twice(redis: RedisServer) -> None:
    """After any error the link stays closed: only a new one may be read from."""
    link = open_link(redis.url)
    assert link.send(("PING",)) == [b"PONG"]
    redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    for _ in range(2):
        with pytest.raises(LinkLost):
            link.send(("PING",))


def test_a_bad_address_is_named() -> None:
    """An address that is none of Redis raises with what was expected."""
    with pytest.raises((InvalidSetting, StorageFailed, ValueError), match="redis"):
        open_link("http://127.0.0.1:1")
