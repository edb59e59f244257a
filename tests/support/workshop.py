"""A data root with everything that records: real files, no threads."""

import json
from pathlib import Path
from typing import Any

from tasktrail.ingest.partition import Partition
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.acceptance import Accepted, prepare
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root
from tasktrail.store.watch import Watch
from tests.support.make import START, event_bytes

SECOND = 1_000_000
SEGMENT_BYTES = 1 << 20


class Workshop:
    """A root, its spool, and partitions that are opened, recorded and closed by hand."""

    def __init__(self, folder: Path, *, partitions: int = 1) -> None:
        self.layout = layout_of(folder / "root")
        self.root = open_root(self.layout, partitions=partitions)
        self.now = START
        self.watch = Watch()
        self.spool = SpoolWriter(
            self.layout,
            self.root,
            segment_bytes=SEGMENT_BYTES,
            clock=lambda: self.now,
        )

    def accept(self, event_type: str, task_id: str | None = "gh-1", **fields: object) -> None:
        """The event through the spool's door, one second after the one before."""
        self.now += SECOND
        self.spool.append([prepare(event_bytes(event_type, task_id, **fields))])

    def put(self, blob: bytes, key: str = "gh-1", *, identity: str | None = None) -> None:
        """Bytes that no door would accept, in the spool all the same."""
        self.spool.append([Accepted(blob, identity=identity, key=key)])

    def open(self, number: int = 0) -> Partition:
        """The partition, as its owner opens it."""
        return Partition(self.layout, self.root, number, spool=self.spool, watch=self.watch)

    def record(self) -> None:
        """Everything accepted so far, recorded in all partitions, hand-overs included."""
        for _ in range(2):
            for number in range(self.root.partitions):
                partition = self.open(number)
                while partition.step():
                    pass
                partition.rest()
                partition.close()

    def lines(self, task_id: str = "gh-1", family: str = "tasks") -> list[dict[str, Any]]:
        """All entries of a trail on disk, by seq."""
        folder = self.layout.family(family) / task_id
        lines = [
            json.loads(line)
            for one in folder.glob("*.jsonl")
            for line in one.read_bytes().splitlines()
        ]
        return sorted(lines, key=lambda line: line["seq"])

    def files(self) -> dict[str, bytes]:
        """Every channel file of every trail, by its path below the root."""
        return {
            str(one.relative_to(self.layout.root)): one.read_bytes()
            for one in self.layout.root.glob("*/*/*.jsonl")
            if one.parts[-3] in {"tasks", "sessions"}
        }
