"""A data root in which a test records by itself, in the order of a recorder.

Entries go through the real writer of trails, then sync, documents, the journal of touched trails
and last the checkpoint: what an indexer and a reader find is what a running service leaves.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from tasktrail.index.indexer import Indexer, Progress
from tasktrail.index.sqlite import SqliteDatabase
from tasktrail.index.state import Index
from tasktrail.model.codec import encode
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.ids import TrailKey, partition_of
from tasktrail.store.checkpoints import Checkpoint, write_checkpoint
from tasktrail.store.files import sync_files
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root
from tasktrail.store.touched import TouchedJournal
from tasktrail.store.trail import TrailWriter
from tasktrail.store.trail_batch import write_documents
from tasktrail.store.watch import Watch
from tests.support.make import START

SECOND = 1_000_000
FRAME_BYTES = 100  # how much of the spool one event takes, as far as these tests care


class Trails:
    """A data root, its open trails, and the index that follows them."""

    def __init__(self, folder: Path, *, partitions: int = 1) -> None:
        self.layout = layout_of(folder / "root")
        self.root = open_root(self.layout, partitions=partitions)
        self.watch = Watch()
        self.database = SqliteDatabase(self.layout.index)
        self.index = Index(self.database, self.root)
        self.indexer = Indexer(self.layout, self.root, self.database)
        self.pos = [0] * partitions
        self.recorded_at: int | None = None  # of every entry from now on; else a second apart
        self._count = 0
        self._writers: dict[TrailKey, TrailWriter] = {}
        self._journals = [TouchedJournal(self.layout, p) for p in range(partitions)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Everything is closed."""
        for writer in self._writers.values():
            writer.close()
        for journal in self._journals:
            journal.close()
        self._writers.clear()
        self._journals.clear()
        self.database.close()

    def record(self, *events: bytes, move_checkpoint: bool = True) -> dict[TrailKey, int]:
        """One batch, recorded; without its last step nobody may see it yet."""
        heads: dict[TrailKey, int] = {}
        for event in events:
            heads |= self._add(event)
        for key in heads:
            writer = self.writer(key)
            sync_files(writer.write())
            write_documents([writer], force=False)
        if move_checkpoint:
            self.move_checkpoints(heads)
        return heads

    def move_checkpoints(self, heads: dict[TrailKey, int]) -> None:
        """What was written is recorded from now on, and whoever watches is told."""
        for p, journal in enumerate(self._journals):
            touched = {key: seq for key, seq in heads.items() if self.partition(key) == p}
            if touched:
                journal.append(self.pos[p], touched)
                write_checkpoint(self.layout, p, Checkpoint(self.pos[p], "s", 0, 0, 1))
        self.watch.notify(heads)

    def log(self, message: str, *, task_id: str = "gh-1", **fields: object) -> bytes:
        """An event of a log line."""
        names = {"metadata"} & fields.keys()
        said = {name: fields.pop(name) for name in names} | {"message": message}
        return encode({"type": "task:log", "task_id": task_id, **fields, "data": said})

    def index_all(self) -> Progress:
        """The index, caught up."""
        return self.indexer.catch_up()

    def writer(self, key: TrailKey) -> TrailWriter:
        """The open trail."""
        if key not in self._writers:
            self._writers[key] = TrailWriter.open(self.layout, key, keep_below=None)
        return self._writers[key]

    def partition(self, key: TrailKey) -> int:
        """The partition that records the trail."""
        return partition_of(key.id, self.root.partitions)

    def _add(self, blob: bytes) -> dict[TrailKey, int]:
        event = parse_event(blob)
        key = address_of(event).trail
        assert key is not None, "the tests of this room need events that name their trail"
        p = self.partition(key)
        self._count += 1
        entry = self.writer(key).add(
            event,
            identity=event.identity or f"t:{self._count}",
            recorded_at=self.recorded_at or START + self._count * SECOND,
            pos=self.pos[p],
        )
        self.pos[p] += FRAME_BYTES
        return {key: entry.seq}


def key_of(trail_id: str = "gh-1") -> TrailKey:
    """The trail of a task."""
    return TrailKey("tasks", trail_id)


def log_lines(trails: Trails, count: int, *, task_id: str = "gh-1") -> Iterable[bytes]:
    """So many log events, numbered."""
    return (trails.log(f"line {n}", task_id=task_id) for n in range(1, count + 1))
