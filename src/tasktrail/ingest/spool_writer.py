"""The way into the spool, for everything that is accepted: HTTP, pumps, importers, hand-overs.

What `append` returns a receipt for is on disk: whatever dies after that, it will be recorded. What
it raises for may still be recorded when it was written and only its sync failed; events carry an
identity so that sending them again does no harm.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final

from msgspec import Struct

from tasktrail.errors import StorageFailed
from tasktrail.ingest.pressure import Pressure, Space, free_on_volume
from tasktrail.ingest.spool_commit import Disk
from tasktrail.ingest.spool_generation import Generation
from tasktrail.ingest.spool_lane import Lane
from tasktrail.ingest.spool_lock import AppendLock
from tasktrail.model.acceptance import Accepted, lines_of
from tasktrail.model.ids import partition_of
from tasktrail.store.files import sync_directory
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root

APPEND_WAIT_SECONDS: Final = 5.0  # a stopped process may hold the append lock for ever
SYSTEM_DISK: Final = Disk(os.fdatasync, sync_directory, free_on_volume)


class Receipt(Struct, frozen=True):
    """What is on disk now: how many events, and where each partition's part of them ends."""

    accepted: int
    ends: dict[int, int]  # partition → position: recorded once the checkpoint has reached it


class SpoolWriter:
    """The spool of all partitions for the threads of one process; never carry one over a fork."""

    def __init__(
        self,
        layout: Layout,
        root: Root,
        *,
        segment_bytes: int,
        clock: Callable[[], int],
        disk: Disk = SYSTEM_DISK,
    ) -> None:
        self.on_append: Callable[[], None] | None = None  # told after each durable append
        self._layout = layout
        self._partitions = root.partitions
        self._clock = clock
        self._generation = Generation(layout, root)
        self._pressure = Pressure(
            layout, root.partitions, segment_bytes=segment_bytes, free_bytes=disk.free_bytes
        )
        self._locks = [
            AppendLock(layout.append_lock(p), wait_seconds=APPEND_WAIT_SECONDS)
            for p in range(root.partitions)
        ]
        self._lanes = [
            Lane(layout, p, lock=lock, segment_bytes=segment_bytes, disk=disk)
            for p, lock in enumerate(self._locks)
        ]

    def append(self, items: Sequence[Accepted], *, ignore_pressure: bool = False) -> Receipt:
        """The receipt, once all of it is on disk; a partition's part of it stands together.

        Raises Overloaded when the disk is nearly full, before anything is written, or when another
        process keeps a partition's lock; StorageFailed when the disk refuses; RootUnusable when the
        root changed. `ignore_pressure` is for hand-overs, which recording itself makes, and for the
        rest of a request that was begun.
        """
        blobs = self._frames(items)
        try:
            self._pressure.admit(sum(map(len, blobs.values())), ignore_pressure=ignore_pressure)
            ends = self._write(blobs)
        except OSError as error:
            raise StorageFailed(
                f"cannot append to the spool of {self._layout.root}: {error}"
            ) from error
        if self.on_append is not None:
            self.on_append()
        return Receipt(len(items), ends)

    def _frames(self, items: Sequence[Accepted]) -> dict[int, bytes]:
        """The lines of each partition."""
        now = self._clock()
        if items and self._partitions == 1:
            return {0: lines_of(items, now=now)}
        shares = defaultdict[int, list[Accepted]](list)
        for item in items:
            shares[partition_of(item.key, self._partitions)].append(item)
        return {p: lines_of(share, now=now) for p, share in shares.items()}

    def _write(self, blobs: dict[int, bytes]) -> dict[int, int]:
        ends: dict[int, int] = {}
        with ExitStack() as waits:  # every written part is waited for, also when a later one fails
            for p, blob in blobs.items():
                ticket = self._lanes[p].write(blob, check=self._generation.check)
                waits.callback(ticket.wait)
                ends[p] = ticket.end
        return ends

    def space(self) -> Space:
        """What is free and what must stay free, as the disk says now."""
        return self._pressure.space()

    def close(self) -> None:
        """Every file is closed; call it when no thread appends any more."""
        for lane, lock in zip(self._lanes, self._locks, strict=True):
            lane.close()
            lock.close()
