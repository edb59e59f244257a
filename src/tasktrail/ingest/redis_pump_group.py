"""Our side of the consumer group of one Redis stream: every command that a pump sends.

Tools that watch the group see what they always saw: its lag, and what is pending. All readers of
ours have one name, so whoever takes over inherits what was pending. Beside the stream stand two
keys: the volume whose pump reads it, and the epoch that makes its ids identities.
"""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

from msgspec import Struct

from tasktrail.errors import ForeignConsumer
from tasktrail.ingest.pump_state import START, parse_id
from tasktrail.ingest.redis_pump_link import (
    CommandRefused,
    Link,
    Reply,
    ask,
    named,
    text,
    unrefused,
)

CONSUMER: Final = "tasktrail"
IDS_PER_CLAIM: Final = 1_000
NO_STREAM: Final[tuple[Reply, ...]] = (
    *(b"entries-added", 0, b"length", 0, b"last-generated-id", START.encode()),
    *(b"first-entry", None, b"last-entry", None),
)

Entry = tuple[str, dict[bytes, bytes] | None]  # id, and its fields: None when it was trimmed


class Look(Struct, frozen=True):
    """A stream as it was at one moment; `None` where this Redis does not tell."""

    added: int | None  # how many entries were ever added
    length: int
    first_id: str | None
    last_id: str | None  # of the entries that are there
    generated_id: str  # of the last entry ever added
    run_id: str | None
    xadds: int | None


class GroupPlace(Struct, frozen=True):
    """How far the group was delivered, and what waits."""

    delivered_id: str
    entries_read: int | None
    pending: int
    lag: int | None


class Delivery(Struct, frozen=True):
    """Entries that were delivered to us, and the epoch that holds."""

    entries: list[Entry]
    epoch: str | None


def volume_key(stream: str) -> str:
    """Where a stream says which data root reads it."""
    return f"{stream}:tasktrail:volume"


class StreamGroup:
    """One stream, one group, one consumer name."""

    def __init__(self, link: Link, *, stream: str, group: str) -> None:
        self._link = link
        self.stream = stream
        self.group = group

    def close(self) -> None:
        """The connection is closed; nothing is lost by it."""
        self._link.close()

    def claim_volume(self, volume_id: str) -> None:
        """The stream is ours; raises ForeignConsumer when another volume's pump reads it."""
        key = volume_key(self.stream)
        found = self._set_first(key, volume_id)
        if found != volume_id:
            raise ForeignConsumer(
                f"the stream {self.stream!r} is read into another data root (volume {found}): two "
                f"roots would split it; only when that root is gone, delete the key {key!r}"
            )

    def find_epoch(self) -> str | None:
        """The epoch of the stream's ids, if it has one."""
        found = ask(self._link, "GET", self._epoch_key)
        return None if found is None else text(found)

    def begin_epoch(self, epoch: str) -> str:
        """The epoch that holds: the given one, or that of somebody who was faster."""
        return self._set_first(self._epoch_key, epoch)

    @property
    def _epoch_key(self) -> str:
        return f"{self.stream}:tasktrail:epoch"

    def _set_first(self, key: str, value: str) -> str:
        made, found = self._link.send(("SET", key, value, "NX"), ("GET", key))
        unrefused(made)
        reply = unrefused(found)
        return value if reply is None else text(reply)

    def look(self) -> Look:
        """The stream as it is; one that does not exist is empty."""
        stream, server, stats = self._link.send(
            ("XINFO", "STREAM", self.stream), ("INFO", "server"), ("INFO", "commandstats")
        )
        if isinstance(stream, CommandRefused) and stream.is_absent:
            stream = NO_STREAM
        told = named(unrefused(stream))
        return Look(
            told.get("entries-added"),
            told["length"],
            _id_of(told["first-entry"]),
            _id_of(told["last-entry"]),
            text(told["last-generated-id"]),
            _line_of(server, "run_id:"),
            _xadds_of(stats),
        )

    def place(self) -> GroupPlace | None:
        """How far the group is; `None` when there is no such group."""
        told = self._groups().get(self.group)
        if told is None:
            return None
        return GroupPlace(
            text(told["last-delivered-id"]),
            told.get("entries-read"),
            told["pending"],
            told.get("lag"),
        )

    def _groups(self) -> dict[str, dict[str, Reply]]:
        try:
            groups = [named(one) for one in ask(self._link, "XINFO", "GROUPS", self.stream)]
        except CommandRefused as error:
            if error.is_absent:
                return {}
            raise
        return {text(one["name"]): one for one in groups}

    def create(self, after_id: str, *, entries_read: int | None) -> None:
        """The group, which will be delivered what stands after that id."""
        said = () if entries_read is None else ("ENTRIESREAD", entries_read)
        command = ("XGROUP", "CREATE", self.stream, self.group, after_id, "MKSTREAM")
        try:
            ask(self._link, *command, *said)
        except CommandRefused as error:
            if error.word == "BUSYGROUP":
                return  # another pump was faster
            if not said:
                raise
            ask(self._link, *command)  # a Redis before 7 does not count entries

    def find(self, entry_id: str) -> dict[bytes, bytes] | None:
        """The fields of that entry, if the stream still has it."""
        found = ask(self._link, "XRANGE", self.stream, entry_id, entry_id)
        return _entry(found[0])[1] if found else None

    def refuse_active_consumers(self, idle_seconds: float) -> int:
        """How many entries idle foreign consumers left pending; raises ForeignConsumer.

        Foreign is who does not bear our name; active who asked within the last `idle_seconds`.
        """
        try:
            reply = ask(self._link, "XINFO", "CONSUMERS", self.stream, self.group)
        except CommandRefused as error:
            if error.is_absent:
                return 0
            raise
        foreign = [one for one in map(named, reply) if text(one["name"]) != CONSUMER]
        for one in foreign:
            if one["idle"] < idle_seconds * 1000:
                raise ForeignConsumer(
                    f"consumer {text(one['name'])!r} reads the group {self.group!r} of the stream "
                    f"{self.stream!r}: two readers would split it; stop it, or choose another "
                    f"REDIS_CONSUMER_GROUP; checked again until it was idle for {idle_seconds:g} s"
                )
        return sum(one["pending"] for one in foreign)

    def claim_idle(self, idle_seconds: float) -> tuple[list[str], list[str]]:
        """What idle consumers left pending becomes ours: the ids, and those that were trimmed."""
        claimed: list[str] = []
        trimmed: list[str] = []
        cursor, least = START, int(idle_seconds * 1000)
        while True:
            reply = ask(
                self._link,
                *("XAUTOCLAIM", self.stream, self.group, CONSUMER, least, cursor),
                *("COUNT", IDS_PER_CLAIM, "JUSTID"),
            )
            claimed += map(text, reply[1])
            trimmed += [text(one) for one in reply[2]] if len(reply) > 2 else []  # noqa: PLR2004
            cursor = text(reply[0])
            if cursor == START:
                return claimed, trimmed

    def read_pending(self, count: int) -> Delivery:
        """What was delivered to us and not acknowledged, oldest first, at most `count`."""
        return self._read("0", count, ())

    def read_new(self, count: int, *, block_ms: int) -> Delivery:
        """What was never delivered to anybody, at most `count`; waits so long for the first."""
        return self._read(">", count, ("BLOCK", block_ms) if block_ms else ())

    def _read(self, after: str, count: int, block: tuple[str | int, ...]) -> Delivery:
        read = ("XREADGROUP", "GROUP", self.group, CONSUMER, "COUNT", count, *block)
        reply, epoch = self._link.send(
            (*read, "STREAMS", self.stream, after), ("GET", self._epoch_key)
        )
        streams, found = unrefused(reply), unrefused(epoch)
        entries = [_entry(one) for one in streams[0][1]] if streams else []
        return Delivery(entries, None if found is None else text(found))

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Redis no longer has to care for these entries."""
        if ids:
            ask(self._link, "XACK", self.stream, self.group, *ids)

    def trim(self) -> None:
        """What every group of the stream has acknowledged is gone from it."""
        floors = [self._floor(name, told) for name, told in self._groups().items()]
        if floors:
            lowest = min(floors, key=parse_id)
            ask(self._link, "XTRIM", self.stream, "MINID", lowest)

    def _floor(self, group: str, told: dict[str, Reply]) -> str:
        """The lowest id that the group may still need."""
        if told["pending"]:
            lowest = ask(self._link, "XPENDING", self.stream, group)[1]
            if lowest is not None:
                return text(lowest)
        return text(told["last-delivered-id"])


def crc_of(fields: dict[bytes, bytes] | None) -> int | None:
    """What tells an entry from another one that got the same id."""
    if fields is None:
        return None
    crc = 0
    for name, value in fields.items():
        crc = crc32(value, crc32(name, crc))
    return crc


def _entry(reply: Sequence[Reply]) -> Entry:
    entry_id, body = reply
    if not body:  # trimmed: only the pending list still knows it
        return entry_id.decode(), None
    words = iter(body)
    return entry_id.decode(), dict(zip(words, words, strict=True))


def _id_of(entry: Sequence[Reply] | None) -> str | None:
    return text(entry[0]) if entry else None


def _line_of(reply: Reply | CommandRefused, start: str) -> str | None:
    """What follows `start` in the answer of INFO, up to a comma or the line's end."""
    if isinstance(reply, CommandRefused):
        return None
    for line in text(reply).splitlines():
        if line.startswith(start):
            return line[len(start) :].partition(",")[0]
    return None


def _xadds_of(stats: Reply | CommandRefused) -> int | None:
    """How many XADD commands that Redis has run; `None` when it does not tell."""
    if isinstance(stats, CommandRefused):
        return None
    return int(_line_of(stats, "cmdstat_xadd:calls=") or 0)
