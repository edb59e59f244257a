"""What stays in a stream arrives once and in order, whatever others do to the stream."""

import shutil
from pathlib import Path

from tasktrail.store.dead_letters import iter_dead
from tests.support.pumping import GROUP, STREAM, Pumping, add
from tests.support.redis_server import RedisServer

STATE = f"{STREAM}.json"


def read_as_us(redis: RedisServer, count: int) -> None:
    """Entries are delivered to the pump's consumer, which never sees them."""
    command = ("XREADGROUP", "GROUP", GROUP, "tasktrail", "COUNT", count)
    redis.ask(*command, "STREAMS", STREAM, ">")


def test_a_lost_group_is_made_anew_behind_what_was_pumped(
    redis: RedisServer, pumping: Pumping
) -> None:
    """NOGROUP costs nothing and doubles nothing."""
    add(redis.ask, range(3))
    pump = pumping.pump(redis.url)
    pump.pump_once()
    redis.ask("XGROUP", "DESTROY", STREAM, GROUP)
    add(redis.ask, range(3, 5))
    pump.pump_once()
    pump.drain()

    assert [frame.id for frame in pumping.frames()] == list(
        dict.fromkeys(frame.id for frame in pumping.frames())
    )
    assert pumping.numbers() == [0, 1, 2, 3, 4]
    assert pumping.gaps() == []


def test_a_group_that_stood_there_before_goes_on(redis: RedisServer, pumping: Pumping) -> None:
    """What the group had read before our first contact is not read again, and no gap."""
    add(redis.ask, range(5))
    redis.ask("XGROUP", "CREATE", STREAM, GROUP, "0")
    redis.ask("XREADGROUP", "GROUP", GROUP, "old", "COUNT", 3, "NOACK", "STREAMS", STREAM, ">")
    pumping.pump(redis.url, foreign_idle_seconds=0).drain()

    assert pumping.numbers() == [3, 4]
    assert pumping.gaps() == []


def test_a_lost_state_file_costs_nothing(redis: RedisServer, pumping: Pumping) -> None:
    """The group still knows its place: no entry is lost, none is doubled, no gap is made up."""
    add(redis.ask, range(3))
    pumping.pump(redis.url).drain()
    (pumping.layout.pumps / STATE).unlink()
    add(redis.ask, range(3, 6))
    pumping.pump(redis.url).drain()

    assert len(pumping.frames()) == 6
    assert pumping.numbers() == list(range(6))


def test_a_lost_epoch_key_costs_nothing(redis: RedisServer, pumping: Pumping) -> None:
    """The group still knows its place: a new epoch begins behind what was pumped."""
    add(redis.ask, range(2))
    pump = pumping.pump(redis.url)
    pump.pump_once()
    redis.ask("DEL", f"{STREAM}:tasktrail:epoch")
    add(redis.ask, range(2, 4))
    for _ in range(3):
        pump.pump_once()

    assert len(pumping.frames()) == 4
    assert pumping.numbers() == [0, 1, 2, 3]
    assert pumping.gaps() == []


def test_an_id_that_comes_again_is_not_skipped(redis: RedisServer, pumping: Pumping) -> None:
    """A producer may choose its ids: in a stream made anew, ours is another entry's."""
    pump = pumping.pump(redis.url)
    for n in range(2):
        redis.ask("DEL", STREAM)
        redis.ask("XADD", STREAM, "5-1", "type", "x", "task_id", "t", "data", f'{{"n":{n}}}')
        pump.drain()

    assert [bytes(frame.event)[-7:] for frame in pumping.frames()] == [b'"n":0}}', b'"n":1}}']


def test_a_flush_is_noticed_when_somebody_makes_the_group_again(
    redis: RedisServer, pumping: Pumping
) -> None:
    """Without an error to tell it: the epoch that comes with every read is another."""
    pump = pumping.pump(redis.url)
    for n in range(2):
        redis.ask("FLUSHALL")
        redis.ask("XGROUP", "CREATE", STREAM, GROUP, "0", "MKSTREAM")
        redis.ask("XADD", STREAM, "5-1", "type", "x", "task_id", "t", "data", f'{{"n":{n}}}')
        for _ in range(3):
            pump.pump_once()

    assert len({frame.id for frame in pumping.frames()}) == 2
    assert pumping.numbers() == [0, 1]
    assert redis.pending() == 0


def test_what_is_pending_comes_before_what_is_new(redis: RedisServer, pumping: Pumping) -> None:
    """An entry that was delivered to our name and lost on the way is not left behind."""
    pump = pumping.pump(redis.url)
    pump.pump_once()
    add(redis.ask, range(2))
    read_as_us(redis, 2)
    pump.pump_once()
    add(redis.ask, range(2, 4))
    pump.drain()

    assert pumping.numbers() == [0, 1, 2, 3]


def test_entries_taken_by_a_reader_that_is_gone_are_no_gap(
    redis: RedisServer, pumping: Pumping
) -> None:
    """They are inherited late, and counted once they are."""
    pump = pumping.pump(redis.url, foreign_idle_seconds=0)
    pump.pump_once()
    add(redis.ask, range(2))
    redis.ask("XREADGROUP", "GROUP", GROUP, "thief", "COUNT", 1, "STREAMS", STREAM, ">")
    pump.pump_once()
    pump.drain()
    pumping.pump(redis.url).drain()

    assert sorted(pumping.numbers()) == [0, 1]
    assert pumping.gaps() == []
    assert redis.pending() == 0


def test_poison_costs_only_itself(redis: RedisServer, pumping: Pumping) -> None:
    """What cannot be an event is kept with its bytes and reason, and acknowledged."""
    add(redis.ask, range(1))
    good = ("type", "x", "task_id", "t", "data")
    for fields in [(*good, "no json"), ("task_id", "t"), ("type", "x"), (*good, b"\xff")]:
        redis.ask("XADD", STREAM, "*", *fields)
    redis.ask("XADD", STREAM, "*", *good, '{"n":"%s"}' % ("9" * 2000))
    add(redis.ask, range(1, 2))
    pump = pumping.pump(redis.url, max_event_bytes=1000)
    pump.drain()

    letters = list(iter_dead(pumping.layout))
    assert pumping.numbers() == [0, 1]
    assert [one.code for one in letters] == ["invalid_event"] * 4 + ["event_too_large"]
    assert b"\xff" in letters[3].blob
    assert all(str(one.identity).startswith("redis:") and one.reason for one in letters)
    assert (redis.pending(), pump.status().dead) == (0, 5)


def test_a_trimming_pump_keeps_what_other_groups_need(redis: RedisServer, pumping: Pumping) -> None:
    """`acked` removes only what every group has acknowledged; `off` removes nothing."""
    ids = add(redis.ask, range(6))
    redis.ask("XGROUP", "CREATE", STREAM, "audit", "0")
    pumping.pump(redis.url).drain()
    untouched = redis.ask("XLEN", STREAM)
    redis.ask("XREADGROUP", "GROUP", "audit", "a", "COUNT", 4, "STREAMS", STREAM, ">")
    redis.ask("XACK", STREAM, "audit", ids[0], ids[1])
    pumping.pump(redis.url, trim="acked").drain()

    assert untouched == 6
    assert redis.ask("XRANGE", STREAM, "-", "+")[0][0] == ids[2]
    assert pumping.gaps() == []


def test_trimming_ourselves_makes_no_gap(redis: RedisServer, pumping: Pumping) -> None:
    """The last entry stays, and new ones are counted from it."""
    for start in range(0, 6, 2):
        add(redis.ask, range(start, start + 2))
        pumping.pump(redis.url, trim="acked").drain()
        pumping.pump(redis.url, trim="acked").drain()

    assert redis.ask("XLEN", STREAM) == 1
    assert pumping.numbers() == list(range(6))
    assert pumping.gaps() == []


def test_large_entries_are_read_a_few_at_a_time(redis: RedisServer, pumping: Pumping) -> None:
    """A delivery fits into memory: after a heavy one fewer entries are asked for."""
    body = '{"text":"%s"}' % ("x" * (1 << 20))
    for _ in range(60):
        redis.ask("XADD", STREAM, "*", "type", "task:output", "task_id", "t", "data", body)
    pump = pumping.pump(redis.url, batch=40)

    heavy, lighter = pump.pump_once(), pump.pump_once()
    pump.drain()

    assert heavy == 40
    assert 1 <= lighter <= 8
    assert len(pumping.frames()) == 60


def test_a_restored_redis_redelivers_without_harm(tmp_path: Path, pumping: Pumping) -> None:
    """A Redis set back to an older state gives old identities again, and says what may lack."""
    with RedisServer(tmp_path / "redis", appendonly=True) as redis:
        add(redis.ask, range(3))
        pumping.pump(redis.url).drain()
        redis.kill()
        saved = tmp_path / "saved"
        shutil.copytree(tmp_path / "redis", saved)
        redis.start()
        add(redis.ask, range(3, 6))
        pumping.pump(redis.url).drain()
        redis.kill()
        shutil.rmtree(tmp_path / "redis")
        shutil.copytree(saved, tmp_path / "redis")
        redis.start()
        add(redis.ask, range(6, 8))
        for _ in range(2):
            pumping.pump(redis.url).drain()

    assert pumping.numbers() == list(range(8))
    assert [gap["missing"] for gap in pumping.gaps()] == [None]
