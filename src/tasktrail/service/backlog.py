"""What is accepted and not yet recorded: how much, how many, and how old the oldest is."""

from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.errors import StorageFailed
from tasktrail.ingest.spool_reader import SpoolReader
from tasktrail.ingest.spool_segments import list_segments
from tasktrail.model.times import MICROSECONDS
from tasktrail.store.checkpoints import Checkpoint, read_checkpoint
from tasktrail.store.layout import Layout

ATTEMPTS: Final = 3
CHUNK_BYTES: Final = 1 << 20
MOST_COUNTED_BYTES: Final = 256 << 20  # a longer backlog is counted so far and then estimated


class Backlog(Struct, frozen=True):
    """The unrecorded part of the spool."""

    bytes: int = 0
    events: int = 0
    oldest_at: int | None = None  # µs since the epoch; `None`: nothing waits

    def age_seconds(self, now: int) -> float:
        """How long the oldest waits."""
        return 0.0 if self.oldest_at is None else max(0, now - self.oldest_at) / MICROSECONDS

    def joined(self, other: "Backlog") -> "Backlog":
        """Both together."""
        known = [at for at in (self.oldest_at, other.oldest_at) if at is not None]
        oldest = min(known, default=None)
        return Backlog(self.bytes + other.bytes, self.events + other.events, oldest)


def measure_backlog(layout: Layout, partitions: int) -> Backlog:
    """The backlog of all partitions together."""
    whole = Backlog()
    for p in range(partitions):
        whole = whole.joined(_patiently(layout, p))
    return whole


def _patiently(layout: Layout, p: int) -> Backlog:
    """A partition's backlog; its owner may delete what it has recorded while we look."""
    for _ in range(ATTEMPTS - 1):
        try:
            return _backlog_of(layout, p)
        except StorageFailed:
            continue
    return _backlog_of(layout, p)


def _backlog_of(layout: Layout, p: int) -> Backlog:
    checkpoint = read_checkpoint(layout, p)
    recorded = checkpoint.pos if checkpoint else 0
    waiting = events = counted = 0
    for segment in list_segments(layout.spool(p)):
        begin, end = max(segment.base, recorded), segment.end
        if end > begin:
            waiting += end - begin
            if counted < MOST_COUNTED_BYTES:
                events += count_lines(segment.path, begin - segment.base)
                counted += end - begin
    if not waiting:
        return Backlog()
    estimate = events if counted >= waiting else events * waiting // max(counted, 1)
    return Backlog(waiting, estimate, _oldest_at(layout, p, checkpoint))


def count_lines(path: Path, offset: int) -> int:
    """How many lines of a file end behind the offset; 0 when there is no such file."""
    count = 0
    try:
        with path.open("rb", buffering=0) as segment:
            segment.seek(offset)
            while chunk := segment.read(CHUNK_BYTES):
                count += chunk.count(b"\n")
    except FileNotFoundError:
        return 0
    return count


def _oldest_at(layout: Layout, p: int, checkpoint: Checkpoint | None) -> int | None:
    """When the first unrecorded event was accepted."""
    reader = SpoolReader(layout, p)
    try:
        reader.seek(checkpoint)
        frames = reader.read(1, 1)
    finally:
        reader.close()
    return next((one.frame.at for one in frames if one.frame is not None), None)
