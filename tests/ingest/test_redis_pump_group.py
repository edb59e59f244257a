"""Every command of the pump against a real Redis, one at a time."""

from collections.abc import Iterator

import pytest

from tasktrail.errors import ForeignConsumer
from tasktrail.ingest.redis_pump import open_link
from tasktrail.ingest.redis_pump_group import StreamGroup, crc_of
from tasktrail.ingest.redis_pump_link import CommandRefused
from tests.support.pumping import GROUP, STREAM, add
from tests.support.redis_server import RedisServer


@pytest.fixture
def group(redis: RedisServer) -> Iterator[StreamGroup]:
    """Our side of the group, which does not exist yet."""
    one = StreamGroup(open_link(redis.url), stream=STREAM, group=GROUP)
    yield one
    one.close()


def test_the_first_volume_owns_the_stream(group: StreamGroup) -> None:
    """The same volume may come again, another one is refused and told which key to look at."""
    group.claim_volume("one")
    group.claim_volume("one")

    with pytest.raises(ForeignConsumer, match="task_events:tasktrail:volume"):
        group.claim_volume("two")


def test_the_first_epoch_holds(group: StreamGroup) -> None:
    """Whoever begins later gets the epoch that is there."""
    assert group.find_epoch() is None
    assert group.begin_epoch("a") == "a"
    assert group.begin_epoch("b") == "a"
    assert group.find_epoch() == "a"


def test_a_stream_that_is_not_there_is_empty(group: StreamGroup) -> None:
    """Nothing added, nothing left; the Redis itself is known."""
    look = group.look()

    assert (look.added, look.length, look.first_id, look.generated_id) == (0, 0, None, "0-0")
    assert look.run_id
    assert group.place() is None


def test_a_look_counts_what_was_ever_added(redis: RedisServer, group: StreamGroup) -> None:
    """Also what was trimmed since, and the commands that added it."""
    ids = add(redis.ask, range(5))
    redis.ask("XTRIM", STREAM, "MAXLEN", 2)
    look = group.look()

    assert (look.added, look.length, look.xadds) == (5, 2, 5)
    assert (look.first_id, look.last_id, look.generated_id) == (ids[3], ids[4], ids[4])


def test_a_new_group_reads_from_its_start(redis: RedisServer, group: StreamGroup) -> None:
    """What stands behind the given entry is delivered, and the lag stays exact."""
    ids = add(redis.ask, range(4))
    group.create(ids[1], entries_read=2)
    place = group.place()
    delivered = group.read_new(10, block_ms=0)

    assert place is not None
    assert (place.delivered_id, place.lag) == (ids[1], 2)
    assert [entry_id for entry_id, _ in delivered.entries] == ids[2:]


def test_creating_a_group_twice_is_no_error(group: StreamGroup) -> None:
    """Another pump may have been faster, the stream need not exist."""
    group.create("0-0", entries_read=None)
    group.create("0-0", entries_read=None)

    assert group.place() is not None


def test_a_group_on_no_stream_is_refused(redis: RedisServer, group: StreamGroup) -> None:
    """A key of another kind is Redis's refusal, not a group that somebody else made."""
    redis.ask("SET", STREAM, "text")

    with pytest.raises(CommandRefused, match="WRONGTYPE"):
        group.create("0-0", entries_read=None)


def test_what_was_delivered_is_pending_until_acknowledged(
    redis: RedisServer, group: StreamGroup
) -> None:
    """Pending entries come again, in order, with the fields they had."""
    ids = add(redis.ask, range(3))
    group.create("0-0", entries_read=None)
    group.read_new(3, block_ms=0)
    group.acknowledge(ids[:1])
    pending = group.read_pending(10)

    assert [entry_id for entry_id, _ in pending.entries] == ids[1:]
    fields = pending.entries[0][1]
    assert fields is not None
    assert fields[b"type"] == b"task:output"


def test_a_trimmed_pending_entry_has_no_body(redis: RedisServer, group: StreamGroup) -> None:
    """Redis keeps its id in the pending list and nothing else."""
    ids = add(redis.ask, range(2))
    group.create("0-0", entries_read=None)
    group.read_new(2, block_ms=0)
    redis.ask("XTRIM", STREAM, "MAXLEN", 1)

    assert group.read_pending(10).entries[0] == (ids[0], None)


def test_every_read_tells_the_epoch(group: StreamGroup) -> None:
    """So that a flush between two reads is noticed."""
    group.begin_epoch("a")
    group.create("0-0", entries_read=None)

    assert group.read_pending(1).epoch == "a"
    assert group.read_new(1, block_ms=1).epoch == "a"


def test_a_missing_group_is_said(group: StreamGroup) -> None:
    """NOGROUP is raised, to be answered by making the group."""
    with pytest.raises(CommandRefused, match="NOGROUP"):
        group.read_new(1, block_ms=0)


def test_an_active_reader_is_refused_and_an_idle_one_counted(
    redis: RedisServer, group: StreamGroup
) -> None:
    """Whoever does not bear our name is foreign; a quiet one has left so many entries."""
    add(redis.ask, range(3))
    group.create("0-0", entries_read=None)
    group.read_new(1, block_ms=0)
    redis.ask("XREADGROUP", "GROUP", GROUP, "w", "COUNT", 2, "STREAMS", STREAM, ">")

    with pytest.raises(ForeignConsumer, match="'w'"):
        group.refuse_active_consumers(60)
    assert group.refuse_active_consumers(0) == 2


def test_a_stream_without_readers_is_ours(redis: RedisServer, group: StreamGroup) -> None:
    """Neither an absent stream nor an absent group has consumers."""
    assert group.refuse_active_consumers(60) == 0
    add(redis.ask, range(1))

    assert group.refuse_active_consumers(60) == 0


def test_inherited_entries_are_claimed_and_trimmed_ones_named(
    redis: RedisServer, group: StreamGroup
) -> None:
    """What another reader left becomes ours; what no longer exists is told."""
    ids = add(redis.ask, range(3))
    group.create("0-0", entries_read=None)
    redis.ask("XREADGROUP", "GROUP", GROUP, "w", "STREAMS", STREAM, ">")
    redis.ask("XTRIM", STREAM, "MAXLEN", 2)
    claimed, trimmed = group.claim_idle(0)

    assert (claimed, trimmed) == (ids[1:], ids[:1])
    assert [entry_id for entry_id, _ in group.read_pending(10).entries] == ids[1:]


def test_trimming_keeps_what_any_group_may_need(redis: RedisServer, group: StreamGroup) -> None:
    """The lowest pending entry of the slowest group stays."""
    ids = add(redis.ask, range(5))
    group.create("0-0", entries_read=None)
    group.acknowledge([one for one, _ in group.read_new(5, block_ms=0).entries])
    redis.ask("XGROUP", "CREATE", STREAM, "audit", ids[2])
    group.trim()
    kept = redis.ask("XLEN", STREAM)
    redis.ask("XREADGROUP", "GROUP", "audit", "a", "STREAMS", STREAM, ">")
    redis.ask("XACK", STREAM, "audit", ids[4])
    group.trim()

    assert kept == 3
    assert redis.ask("XRANGE", STREAM, "-", "+")[0][0] == ids[3]


def test_an_entry_is_found_by_its_id(redis: RedisServer, group: StreamGroup) -> None:
    """Its fields tell it from another entry with the same id."""
    (entry_id,) = add(redis.ask, range(1))
    found = group.find(entry_id)

    assert found is not None
    assert crc_of(found) != crc_of(found | {b"type": b"other"})
    assert group.find("1-1") is None
