"""What the doctor asks a Redis: what it keeps when it dies, and how its streams are.

Nothing is changed there. A server that refuses a question (managed ones refuse CONFIG) leaves the
answer `None`: not known.
"""

from msgspec import Struct

from tasktrail.ingest.redis_pump_group import CONSUMER, volume_key
from tasktrail.ingest.redis_pump_link import (
    CommandRefused,
    Link,
    Reply,
    ask,
    named,
    text,
)


class StreamFacts(Struct, frozen=True):
    """One stream and our group on it."""

    name: str
    length: int = 0
    has_group: bool = False
    pending: int = 0
    lag: int | None = None
    foreign: tuple[tuple[str, float], ...] = ()  # consumers of our group: name, seconds idle
    groups: int = 0
    volume: str | None = None  # the data root whose pump reads it


class ServerFacts(Struct, frozen=True):
    """What the server does with what it was told; `None` is not known."""

    appendonly: str | None = None
    appendfsync: str | None = None
    save: str | None = None
    policy: str | None = None
    maxmemory: int | None = None
    used_memory: int | None = None
    role: str | None = None
    version: str | None = None


def server_facts(link: Link) -> ServerFacts:
    """How safe an event is in that Redis."""
    info = _info(link)
    return ServerFacts(
        appendonly=_config(link, "appendonly"),
        appendfsync=_config(link, "appendfsync"),
        save=_config(link, "save"),
        policy=info.get("maxmemory_policy"),
        maxmemory=_number(info.get("maxmemory")),
        used_memory=_number(info.get("used_memory")),
        role=info.get("role"),
        version=info.get("redis_version"),
    )


def _info(link: Link) -> dict[str, str]:
    try:
        lines = text(ask(link, "INFO")).splitlines()
    except CommandRefused:
        return {}
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name: value for name, _, value in pairs}


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None


def _config(link: Link, name: str) -> str | None:
    try:
        reply = ask(link, "CONFIG", "GET", name)
    except CommandRefused:
        return None
    return text(reply[1]) if len(reply) > 1 else None


def stream_facts(link: Link, stream: str, group: str) -> StreamFacts:
    """A stream as it is; one that does not exist yet is empty."""
    length = _length(link, stream)
    volume = _volume(link, stream)
    groups = _listed(link, "GROUPS", stream)
    ours = next((one for one in groups if text(one["name"]) == group), None)
    if ours is None:
        return StreamFacts(stream, length, groups=len(groups), volume=volume)
    foreign = [
        (text(one["name"]), one["idle"] / 1_000)
        for one in _listed(link, "CONSUMERS", stream, group)
        if text(one["name"]) != CONSUMER
    ]
    return StreamFacts(
        stream,
        length,
        has_group=True,
        pending=ours["pending"],
        lag=ours.get("lag"),
        foreign=tuple(foreign),
        groups=len(groups),
        volume=volume,
    )


def _volume(link: Link, stream: str) -> str | None:
    try:
        found = ask(link, "GET", volume_key(stream))
    except CommandRefused:
        return None
    return None if found is None else text(found)


def _length(link: Link, stream: str) -> int:
    try:
        return int(ask(link, "XLEN", stream))
    except CommandRefused:
        return 0


def _listed(link: Link, *question: str) -> list[dict[str, Reply]]:
    try:
        return [named(one) for one in ask(link, "XINFO", *question)]
    except CommandRefused:
        return []
