"""Rules about the Redis that events come from."""

from typing import Any

import pytest

from tasktrail.ingest.redis_pump_facts import ServerFacts, StreamFacts
from tasktrail.service.redis_rules import check_server, check_stream, unreachable

SAFE: dict[str, Any] = {
    "appendonly": "yes",
    "appendfsync": "always",
    "save": "",
    "policy": "noeviction",
    "maxmemory": 0,
    "used_memory": 10,
    "role": "master",
}


def test_a_redis_that_loses_nothing_has_no_finding() -> None:
    """appendfsync always, no eviction, the primary."""
    assert list(check_server(ServerFacts(**SAFE))) == []


@pytest.mark.parametrize(
    ("changed", "code", "word"),
    [
        ({"appendonly": "no"}, "redis_not_durable", "keeps nothing"),
        ({"appendonly": "no", "save": "3600 1"}, "redis_not_durable", "snapshots"),
        ({"appendfsync": "everysec"}, "redis_loses_seconds", "1 to 2 seconds"),
        ({"appendfsync": "no"}, "redis_loses_seconds", "half a minute"),
        ({"appendonly": None}, "redis_durability_unknown", "CONFIG"),
        ({"maxmemory": 100, "policy": "allkeys-lru"}, "redis_evicts", "allkeys-lru"),
        ({"maxmemory": 100, "used_memory": 90}, "redis_nearly_full", "90 of 100"),
        ({"role": "slave"}, "redis_replica", "slave"),
    ],
)
def test_what_can_lose_events_is_told(changed: dict[str, Any], code: str, word: str) -> None:
    """Each with what to do about it."""
    (finding,) = check_server(ServerFacts(**SAFE | changed))

    assert finding.code == code
    assert word in finding.message
    assert finding.advice


@pytest.mark.parametrize(("idle", "severity"), [(1.0, "error"), (90.0, "warning")])
def test_another_reader_of_the_group_is_told(idle: float, severity: str) -> None:
    """One that reads now splits the stream; one that did may have left something."""
    (finding,) = check_stream(StreamFacts("s", foreign=(("worker-1", idle),)), "ours")

    assert (finding.code, finding.severity) == ("redis_foreign_consumer", severity)
    assert "'worker-1'" in finding.message


def test_a_stream_of_another_root_is_told() -> None:
    """Its pump refuses it, so nothing arrives; our own mark, or none, is as it should be."""
    (finding,) = check_stream(StreamFacts("s", volume="theirs"), "ours")

    assert (finding.code, finding.severity) == ("redis_other_root", "error")
    assert "DEL s:tasktrail:volume" in finding.advice
    assert list(check_stream(StreamFacts("s", volume="ours"), "ours")) == []


def test_a_stream_that_grows_is_told() -> None:
    """A million entries are more than anybody reads again."""
    (finding,) = check_stream(StreamFacts("s", length=1_000_001), "ours")

    assert finding.code == "redis_grows"
    assert list(check_stream(StreamFacts("s", length=1_000), "ours")) == []


def test_a_redis_that_is_away_is_told() -> None:
    """With its reason."""
    assert "refused" in unreachable("refused").message
