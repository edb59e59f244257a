"""Events over Redis arrive where the pump reads them, once and in order, whatever Redis does."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

import tasktrail
from tasktrail.chaos.processes import free_port
from tasktrail.errors import InvalidSetting
from tasktrail.model.frame import decode_frame, encode_frame
from tasktrail.sdk.redis_transport import BYTES_PER_ENTRY, EVENTS_PER_ENTRY, RedisTransport
from tasktrail.sdk.transport import Away
from tests.support.pumping import Pumping
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


def messages(pumping: Pumping) -> list[str]:
    """What the pump brought into the spool, in order, each identity once."""
    once = {frame.id: msgspec.json.decode(frame.event) for frame in pumping.frames()}
    return [event["data"]["message"] for event in once.values() if "message" in event["data"]]


@pytest.mark.parametrize("form", ["packed", "flat"])
def test_what_a_job_says_reaches_the_spool(tmp_path: Path, form: str) -> None:
    """Packed entries are fewer; flat ones are what other readers of the stream expect."""
    with RedisServer(tmp_path / "redis") as redis, Pumping(tmp_path / "root") as pumping:
        with tasktrail.connect(f"{redis.url}?form={form}") as client:
            task, src = client.task("gh-1"), client.path.name.split(".")[0]
            for n in range(150):
                task.logger.info("m-%d", n, n=n)
            assert client.flush(timeout_seconds=20)
        entries: list[Any] = redis.client.xrange("task_events")  # type: ignore[assignment]
        pumping.pump(redis.url).drain()

    assert messages(pumping) == [f"m-{n}" for n in range(150)]
    assert len({frame.id for frame in pumping.frames()}) == 150
    assert {str(frame.id).split(":")[0] for frame in pumping.frames()} == {src}
    assert len(entries) == 150 if form == "flat" else len(entries) < 20
    first = entries[0][1]
    assert first["type"] == "task:log" if form == "flat" else set(first) == {"events"}


def test_a_redis_that_is_away_loses_nothing(tmp_path: Path) -> None:
    """Events wait on this machine and arrive in order when it is back."""
    with (
        RedisServer(tmp_path / "redis", appendonly=True) as redis,
        Pumping(tmp_path / "root") as pumping,
        tasktrail.connect(redis.url) as client,
    ):
        task = client.task("gh-1")
        task.logger.info("before")
        before = client.flush(timeout_seconds=20)
        redis.kill()
        task.logger.info("meanwhile")
        away = client.flush(timeout_seconds=20)
        redis.start()
        task.logger.info("after")
        back = client.flush(timeout_seconds=20)
        pumping.pump(redis.url).drain()
        arrived = messages(pumping)

    assert (before, away, back) == (True, False, True)
    assert arrived == ["before", "meanwhile", "after"]


def test_an_absent_redis_is_away() -> None:
    """Named by its host; a password is not repeated."""
    transport = RedisTransport(f"redis://:secret@127.0.0.1:{free_port()}/0")
    frame = decode_frame(encode_frame(1, b'{"type":"x"}', identity="ab:1"))

    with pytest.raises(Away) as away:
        transport.send([frame])
    assert "127.0.0.1" in str(away.value)
    assert "secret" not in str(away.value)


def test_entries_are_bounded_by_count_and_bytes(tmp_path: Path) -> None:
    """A large event stands alone."""
    events = [b'{"type":"x","data":{}}'] * (EVENTS_PER_ENTRY + 1)
    events.append(b'{"type":"x","data":{"m":"%b"}}' % (b"m" * BYTES_PER_ENTRY))
    frames = [decode_frame(encode_frame(1, e, identity=f"ab:{n}")) for n, e in enumerate(events)]
    with RedisServer(tmp_path / "redis") as redis:
        transport = RedisTransport(f"{redis.url}?stream=other")
        assert transport.send(frames) == []
        transport.close()
        entries: list[Any] = redis.client.xrange("other")  # type: ignore[assignment]
        sizes = [one["events"].count("\n") + 1 for _, one in entries]

    assert sizes == [EVENTS_PER_ENTRY, 1, 1]


@pytest.mark.parametrize("url", ["redis://a?form=x", "redis://a/0?stream=", "redis://a:port/0"])
def test_an_address_that_means_nothing_is_refused(url: str) -> None:
    """When it is given."""
    with pytest.raises(InvalidSetting):
        RedisTransport(url)
