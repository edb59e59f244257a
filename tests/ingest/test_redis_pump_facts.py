"""What the doctor asks a real Redis."""

from pathlib import Path

from tasktrail.ingest.redis_pump import open_link
from tasktrail.ingest.redis_pump_facts import ServerFacts, server_facts, stream_facts
from tasktrail.ingest.redis_pump_link import Command, CommandRefused, Reply
from tests.support.redis_server import RedisServer


class Refusing:
    """A link to a managed Redis that answers nothing about itself."""

    def send(self, *commands: Command) -> list[Reply | CommandRefused]:
        """Refused, each of them."""
        return [CommandRefused("NOPERM") for _ in commands]

    def close(self) -> None:
        """Nothing to close."""


def test_a_server_tells_what_it_keeps(tmp_path: Path) -> None:
    """Its append-only file and how often that is synced."""
    with RedisServer(tmp_path, appendonly=True) as redis:
        link = open_link(redis.url)
        facts = server_facts(link)
        link.close()

    assert (facts.appendonly, facts.appendfsync, facts.role) == ("yes", "always", "master")
    assert (facts.policy, facts.maxmemory) == ("noeviction", 0)


def test_a_stream_tells_who_reads_it(tmp_path: Path) -> None:
    """Foreign consumers of our group with how long they were quiet; ours is none of them."""
    with RedisServer(tmp_path) as redis:
        link = open_link(redis.url)
        missing = stream_facts(link, "s", "g")
        for value in ("b", "c"):
            redis.ask("XADD", "s", "*", "a", value)
        redis.ask("XGROUP", "CREATE", "s", "g", "0")
        for consumer in ("tasktrail", "worker-1"):
            redis.ask("XREADGROUP", "GROUP", "g", consumer, "COUNT", 1, "STREAMS", "s", ">")
        redis.ask("SET", "s:tasktrail:volume", "a-root")
        facts = stream_facts(link, "s", "g")
        link.close()

    assert (missing.length, missing.has_group) == (0, False)
    assert (facts.length, facts.has_group, facts.pending, facts.lag) == (2, True, 2, 0)
    assert [name for name, _ in facts.foreign] == ["worker-1"]
    assert (missing.volume, facts.volume) == (None, "a-root")


def test_what_is_refused_is_not_known() -> None:
    """Unknown is not "no"."""
    assert server_facts(Refusing()) == ServerFacts()
    assert stream_facts(Refusing(), "s", "g").length == 0
