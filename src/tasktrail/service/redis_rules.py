"""Rules about the Redis that events come from: what it can lose, and who else reads it."""

from collections.abc import Iterator, Sequence
from typing import Final

from tasktrail.ingest.redis_pump_facts import ServerFacts, StreamFacts
from tasktrail.ingest.redis_pump_group import volume_key
from tasktrail.upkeep.findings import Finding, Severity

GROWN_ENTRIES: Final = 1_000_000
ACTIVE_SECONDS: Final = 15.0
MUCH_MEMORY: Final = 0.8  # of what it may use


def check_server(server: ServerFacts) -> Iterator[Finding]:
    """What becomes of acknowledged events when that Redis dies."""
    if server.appendonly is None:
        yield _finding(
            "note",
            "redis_durability_unknown",
            "this Redis does not tell whether it keeps events over a crash (CONFIG is refused)",
            "ask who runs it: appendonly yes with appendfsync always loses nothing",
        )
    elif server.appendonly != "yes":
        kept = "only its snapshots" if server.save else "nothing"
        yield _finding(
            "warning",
            "redis_not_durable",
            f"Redis keeps {kept} over a crash: every event not yet pumped would be lost",
            "CONFIG SET appendonly yes, and appendfsync always where no event may be lost",
        )
    elif server.appendfsync != "always":
        window = "1 to 2 seconds" if server.appendfsync == "everysec" else "half a minute or more"
        yield _finding(
            "warning",
            "redis_loses_seconds",
            f"appendfsync {server.appendfsync}: a power cut can lose {window} of events that "
            "Redis acknowledged",
            "CONFIG SET appendfsync always; once pumped, an event is safe here",
        )
    yield from _check_memory(server)
    if server.role not in {None, "master"}:
        yield _finding(
            "error",
            "redis_replica",
            f"this Redis is a {server.role}: groups cannot be read or acknowledged there",
            "name the primary in REDIS_URL",
        )


def _check_memory(server: ServerFacts) -> Iterator[Finding]:
    if server.maxmemory and server.policy != "noeviction":
        yield _finding(
            "error",
            "redis_evicts",
            f"with maxmemory-policy {server.policy} Redis throws streams away when it is full",
            "CONFIG SET maxmemory-policy noeviction: then producers are refused, nothing is lost",
        )
    if server.maxmemory and (server.used_memory or 0) > MUCH_MEMORY * server.maxmemory:
        yield _finding(
            "warning",
            "redis_nearly_full",
            f"{server.used_memory:,} of {server.maxmemory:,} bytes of Redis's memory are in use",
            "TASKTRAIL_REDIS_TRIM=acked lets Tasktrail remove what every group has acknowledged",
        )


def check_stream(stream: StreamFacts, volume_id: str) -> Iterator[Finding]:
    """Who else reads, and whether it grows; `volume_id` is our root's."""
    if stream.volume not in {None, volume_id}:
        yield _finding(
            "error",
            "redis_other_root",
            f"the stream {stream.name!r} is read into another data root (volume {stream.volume}): "
            "our pump refuses it",
            "another REDIS_STREAM, or the other root; only when that root is gone: "
            f"DEL {volume_key(stream.name)}",
        )
    for name, idle in stream.foreign:
        is_active = idle < ACTIVE_SECONDS
        yield _finding(
            "error" if is_active else "warning",
            "redis_foreign_consumer",
            f"consumer {name!r} {'reads' if is_active else 'has read'} the same group of "
            f"{stream.name!r}, idle for {idle:,.0f} s: two readers split the stream",
            "stop it, or set another REDIS_CONSUMER_GROUP; when it is gone for good: "
            "XGROUP DELCONSUMER, after what it left pending was claimed",
        )
    if stream.length > GROWN_ENTRIES:
        yield _finding(
            "warning",
            "redis_grows",
            f"the stream {stream.name!r} holds {stream.length:,} entries, and nobody trims it",
            "TASKTRAIL_REDIS_TRIM=acked, or trim it yourself behind every group",
        )


def _finding(severity: Severity, code: str, message: str, advice: str) -> Finding:
    return Finding(area="redis", severity=severity, code=code, message=message, advice=advice)


def not_looked_at(streams: Sequence[str]) -> Finding:
    """Streams that this root was fed from, by a Redis that nobody named here."""
    return _finding(
        "note",
        "redis_not_looked_at",
        f"this root reads Redis ({', '.join(streams)}), and no REDIS_URL is set here: what that "
        "Redis may lose was not looked at",
        "`tasktrail doctor --redis URL`, or set REDIS_URL as the service has it",
    )


def unreachable(reason: str) -> Finding:
    """A Redis that was configured and does not answer."""
    return _finding(
        "error",
        "redis_away",
        f"Redis does not answer: {reason}",
        "start it, or mend REDIS_URL; other doors go on meanwhile",
    )
