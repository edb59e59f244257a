"""Doors: accepted is what the other side says, everything else is not."""

import random
from pathlib import Path

import pytest

from tasktrail.chaos.doors import HttpDoor, NotAccepted, RedisDoor, SdkDoor
from tasktrail.chaos.events import event_of
from tasktrail.chaos.processes import free_port
from tests.support.redis_server import RedisServer

EVENTS = [event_of("bare-1", number, 3) for number in range(3)]


@pytest.mark.live
def test_flat_events_are_one_entry_each(tmp_path: Path) -> None:
    """The ids of the entries come back."""
    with RedisServer(tmp_path) as redis:
        door = RedisDoor(redis.url, "s", is_packed=False)
        ids = door.send(EVENTS)
        door.close()

        assert [one[0] for one in redis.ask("XRANGE", "s", "-", "+")] == ids


@pytest.mark.live
def test_packed_events_are_one_entry(tmp_path: Path) -> None:
    """Three lines in one field."""
    with RedisServer(tmp_path) as redis:
        door = RedisDoor(redis.url, "s", is_packed=True)
        (only,) = door.send(EVENTS)
        door.close()
        ((found, fields),) = redis.ask("XRANGE", "s", "-", "+")

        assert found == only
        assert fields["events"].count("\n") == 2


def test_nobody_there_is_not_accepted() -> None:
    """Redis or service: who does not answer has not accepted."""
    port = free_port()

    with pytest.raises(NotAccepted):
        RedisDoor(f"redis://127.0.0.1:{port}/0", "s", is_packed=False).send(EVENTS)
    with pytest.raises(NotAccepted):
        HttpDoor(f"http://127.0.0.1:{port}", random.Random(1)).send(EVENTS)


def test_the_sdk_s_door_writes_an_outbox(tmp_path: Path) -> None:
    """Each event is one frame."""
    door = SdkDoor(tmp_path, is_durable=True)
    door.send(EVENTS)
    door.close()
    (outbox,) = (tmp_path / "outbox").glob("*.jsonl")

    assert outbox.read_bytes().count(b"bare-1#") == 3
