"""A data root, its real spool and pumps of one test, and what the spool then holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec

from tasktrail.ingest.redis_pump import RedisPump
from tasktrail.ingest.spool_commit import Disk
from tasktrail.ingest.spool_writer import SYSTEM_DISK, SpoolWriter
from tasktrail.model.frame import Frame, decode_frame
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root

STREAM = "task_events"
GROUP = "task-logger"
NOW = 1_763_776_000_000_000  # µs since the epoch


class Pumping:
    """A root with a spool; a context manager that closes what it made."""

    def __init__(self, root: Path, *, disk: Disk = SYSTEM_DISK) -> None:
        self.layout = layout_of(root)
        self.root = open_root(self.layout, partitions=None)
        self.spool = SpoolWriter(
            self.layout, self.root, segment_bytes=64 << 20, clock=self.clock, disk=disk
        )
        self._pumps: list[RedisPump] = []

    @staticmethod
    def clock() -> int:
        """Always the same moment."""
        return NOW

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pump in self._pumps:
            pump.close()
        self.spool.close()

    def pump(self, url: str, **chosen: Any) -> RedisPump:  # noqa: ANN401 - any of its settings
        """A pump into the spool."""
        told: dict[str, Any] = {
            "stream": STREAM,
            "group": GROUP,
            "trim": "off",
            "batch": 1000,
        } | chosen
        pump = RedisPump(self.layout, self.spool, url=url, clock=self.clock, **told)
        self._pumps.append(pump)
        return pump

    def frames(self) -> list[Frame]:
        """What is in the spool, in order."""
        segments = sorted(self.layout.spool(0).glob("*.jsonl"))
        return [decode_frame(line) for one in segments for line in one.read_bytes().splitlines()]

    def events(self) -> list[dict[str, Any]]:
        """The events in the spool that a producer sent, each identity once, in order."""
        once = {frame.id: frame.event for frame in self.frames()}
        events = [msgspec.json.decode(raw) for raw in once.values()]
        return [one for one in events if one["type"] != "gap"]

    def numbers(self) -> list[int]:
        """The numbers that `add` gave the events in the spool, in order."""
        return [one["data"]["n"] for one in self.events()]

    def gaps(self) -> list[dict[str, Any]]:
        """The data of the gaps in the spool, each identity once."""
        once = {frame.id: msgspec.json.decode(frame.event) for frame in self.frames()}
        return [one["data"] for one in once.values() if one["type"] == "gap"]


def add(ask: Callable[..., Any], numbers: range, *, stream: str = STREAM) -> list[str]:
    """The ids of numbered events, added to the stream as the agent engine adds them."""
    return [
        ask(
            *("XADD", stream, "*", "type", "task:output", "timestamp", "2026-02-14T10:00:00Z"),
            *("task_id", "t-1", "data", f'{{"task_id":"t-1","n":{n}}}'),
        )
        for n in numbers
    ]
