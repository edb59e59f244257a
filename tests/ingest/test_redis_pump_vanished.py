"""What vanishes from a stream before it was read is told: once, as much as can be known."""

from pathlib import Path

import pytest

from tasktrail.ingest.spool_writer import SYSTEM_DISK
from tests.support.cutting_proxy import CuttingProxy
from tests.support.pumping import GROUP, STREAM, Pumping, add
from tests.support.redis_server import RedisServer

STATE = f"{STREAM}.json"


def read_as_us(redis: RedisServer, count: int) -> None:
    """Entries are delivered to the pump's consumer, which never sees them."""
    command = ("XREADGROUP", "GROUP", GROUP, "tasktrail", "COUNT", count)
    redis.ask(*command, "STREAMS", STREAM, ">")


@pytest.mark.parametrize("command", [("FLUSHALL",), ("DEL", STREAM)])
def test_an_emptied_stream_that_was_all_read_makes_no_gap(
    redis: RedisServer, pumping: Pumping, command: tuple[str, ...]
) -> None:
    """Nothing is missing where everything was pumped before; new entries go on."""
    add(redis.ask, range(3))
    pump = pumping.pump(redis.url)
    pump.pump_once()
    pump.pump_once()
    redis.ask(*command)
    pump.pump_once()
    add(redis.ask, range(3, 5))
    pump.drain()

    assert pumping.numbers() == [0, 1, 2, 3, 4]
    assert pumping.gaps() == []


def test_a_stream_emptied_while_nobody_looked_makes_no_gap_when_all_was_pumped(
    redis: RedisServer, pumping: Pumping
) -> None:
    """The XADD commands that this Redis ran prove that nothing came unseen."""
    add(redis.ask, range(3))
    pumping.pump(redis.url).drain()
    redis.ask("FLUSHALL")
    add(redis.ask, range(3, 6))
    pumping.pump(redis.url).drain()

    assert pumping.numbers() == list(range(6))
    assert pumping.gaps() == []


def test_a_flush_of_unread_entries_is_one_gap(redis: RedisServer, pumping: Pumping) -> None:
    """Entries that came and went while nobody pumped are told, once, as many as there were."""
    add(redis.ask, range(3))
    pumping.pump(redis.url).drain()
    add(redis.ask, range(3, 8))
    redis.ask("FLUSHALL")
    add(redis.ask, range(8, 10))
    for _ in range(2):
        pumping.pump(redis.url).drain()

    assert pumping.numbers() == [0, 1, 2, 8, 9]
    assert [gap["missing"] for gap in pumping.gaps()] == [5]


def test_a_flush_begins_a_new_epoch(redis: RedisServer, pumping: Pumping) -> None:
    """Ids of a flushed Redis can come again: they are other identities."""
    pump = pumping.pump(redis.url)
    for _ in range(2):
        redis.ask("FLUSHALL")
        redis.ask("XADD", STREAM, "5-1", "type", "x", "task_id", "t", "data", '{"n":1}')
        pump.drain()

    first, second = pumping.frames()
    assert first.id != second.id
    assert str(first.id).endswith(":5-1")


def test_a_redis_replaced_by_an_empty_one_is_one_gap(redis: RedisServer, pumping: Pumping) -> None:
    """Where nothing can tell whether entries waited, the trail says that some may have."""
    add(redis.ask, range(3))
    pumping.pump(redis.url).drain()
    redis.restart()
    add(redis.ask, range(3, 5))
    for _ in range(2):
        pumping.pump(redis.url).drain()

    assert pumping.numbers() == [0, 1, 2, 3, 4]
    assert [gap["missing"] for gap in pumping.gaps()] == [None]


def test_entries_trimmed_unread_are_one_gap(redis: RedisServer, pumping: Pumping) -> None:
    """The gap says how many, after which entry and before which."""
    ids = add(redis.ask, range(2))
    pumping.pump(redis.url).drain()
    ids += add(redis.ask, range(2, 12))
    redis.ask("XTRIM", STREAM, "MAXLEN", 3)
    for _ in range(3):
        pumping.pump(redis.url).drain()

    (gap,) = pumping.gaps()
    assert (gap["missing"], gap["after"], gap["before"]) == (7, ids[1], ids[9])
    assert pumping.numbers() == [0, 1, 9, 10, 11]


def test_an_unread_entry_that_was_deleted_is_a_gap(redis: RedisServer, pumping: Pumping) -> None:
    """Also from the middle of what is there, and told by the very drain that finds it."""
    add(redis.ask, range(2))
    pumping.pump(redis.url).drain()
    ids = add(redis.ask, range(2, 6))
    redis.ask("XDEL", STREAM, ids[1])
    pumping.pump(redis.url).drain()

    assert [gap["missing"] for gap in pumping.gaps()] == [1]
    assert pumping.numbers() == [0, 1, 2, 4, 5]


def test_a_stream_trimmed_to_nothing_is_one_gap(redis: RedisServer, pumping: Pumping) -> None:
    """Also where no later entry shows that some are missing."""
    add(redis.ask, range(2))
    pumping.pump(redis.url).drain()
    add(redis.ask, range(2, 7))
    redis.ask("XTRIM", STREAM, "MAXLEN", 0)
    pumping.pump(redis.url).drain()
    add(redis.ask, range(7, 8))
    pumping.pump(redis.url).drain()

    assert [gap["missing"] for gap in pumping.gaps()] == [5]
    assert pumping.numbers() == [0, 1, 7]


def test_entries_trimmed_before_the_first_contact_are_a_gap(
    redis: RedisServer, pumping: Pumping
) -> None:
    """What a stream once held and nobody of ours ever saw is missing too."""
    add(redis.ask, range(5))
    redis.ask("XTRIM", STREAM, "MAXLEN", 2)
    pumping.pump(redis.url).drain()

    assert [gap["missing"] for gap in pumping.gaps()] == [3]
    assert pumping.numbers() == [3, 4]


def test_pumped_entries_may_be_deleted(redis: RedisServer, pumping: Pumping) -> None:
    """What others remove after it was pumped is no gap."""
    ids = add(redis.ask, range(6))
    pump = pumping.pump(redis.url)
    pump.pump_once()
    redis.ask("XDEL", STREAM, ids[1], ids[5])
    redis.ask("XTRIM", STREAM, "MAXLEN", 1)
    add(redis.ask, range(6, 8))
    pump.drain()
    pumping.pump(redis.url).drain()

    assert pumping.numbers() == list(range(8))
    assert pumping.gaps() == []


def test_pending_entries_that_were_trimmed_are_one_gap(
    redis: RedisServer, pumping: Pumping
) -> None:
    """Redis still lists them, without a body: they are told and acknowledged, others flow."""
    pumping.pump(redis.url).drain()
    add(redis.ask, range(4))
    read_as_us(redis, 3)
    redis.ask("XTRIM", STREAM, "MAXLEN", 2)
    for _ in range(2):
        pumping.pump(redis.url).drain()

    assert [gap["missing"] for gap in pumping.gaps()] == [2]
    assert pumping.numbers() == [2, 3]
    assert redis.pending() == 0


def test_trimmed_entries_are_told_where_no_count_could(
    redis: RedisServer, pumping: Pumping
) -> None:
    """The state is lost, so the count begins behind them: only the pending list knows them."""
    pumping.pump(redis.url).drain()
    add(redis.ask, range(3))
    read_as_us(redis, 3)
    (pumping.layout.pumps / STATE).unlink()
    redis.ask("XTRIM", STREAM, "MAXLEN", 1)
    pumping.pump(redis.url).drain()

    assert [gap["missing"] for gap in pumping.gaps()] == [2]
    assert pumping.numbers() == [2]


def test_a_trimmed_entry_that_was_pumped_is_no_gap(redis: RedisServer, pumping: Pumping) -> None:
    """The pump died before it could acknowledge; the spool has what Redis no longer has."""
    add(redis.ask, range(4))
    with CuttingProxy(redis.port) as proxy:
        pump = pumping.pump(proxy.url)
        proxy.cut_before(b"XACK")
        pump.pump_once()
        pump.close()
    redis.ask("XTRIM", STREAM, "MAXLEN", 0)
    pumping.pump(redis.url).drain()

    assert pumping.numbers() == [0, 1, 2, 3]
    assert pumping.gaps() == []
    assert redis.pending() == 0


def test_a_gap_that_a_crash_interrupts_is_still_one(redis: RedisServer, tmp_path: Path) -> None:
    """The gap is remembered before it is told, and told again with the identity it had."""
    syncs: list[int] = []

    def fail_once(fd: int) -> None:
        syncs.append(fd)
        if len(syncs) == 1:
            raise OSError(5, "Input/output error")

    add(redis.ask, range(5))
    redis.ask("XTRIM", STREAM, "MAXLEN", 2)
    with Pumping(tmp_path / "root", disk=SYSTEM_DISK._replace(sync=fail_once)) as pumping:
        assert pumping.pump(redis.url).drain() == 0
        redis.ask("XTRIM", STREAM, "MAXLEN", 1)
        pumping.pump(redis.url).drain()

        told = [frame for frame in pumping.frames() if str(frame.id).startswith("gap:")]
        assert len({bytes(frame.event) for frame in told}) == 2
        assert [gap["missing"] for gap in pumping.gaps()] == [3, 1]
        assert pumping.numbers() == [4]
