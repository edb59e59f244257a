"""Where one process appends to the spool of one partition, beside other processes.

Under the append lock: is the root still ours, which segment is current, cut a torn tail, roll when
the segment is full or failed, write. What was written is waited for outside the lock.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from tasktrail.errors import Overloaded, StorageFailed
from tasktrail.ingest.spool_commit import Disk, OpenSegment
from tasktrail.ingest.spool_lock import AppendLock
from tasktrail.ingest.spool_segments import Segment, newest_name
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.files import open_file
from tasktrail.store.layout import Layout


class Ticket(NamedTuple):
    """Lines that are written and not yet known to be on disk."""

    lane: "Lane"
    segment: OpenSegment
    offset: int  # behind the last of them

    @property
    def end(self) -> int:
        """The spool position behind the lines."""
        return self.segment.segment.base + self.offset

    def wait(self) -> None:
        """Nothing, once the lines are on disk; raises StorageFailed. Exactly once."""
        try:
            self.segment.wait(self.offset)
        except StorageFailed:
            self.lane.leave_failed()
            raise


class Place(NamedTuple):
    """Where the next lines go."""

    segment: OpenSegment
    offset: int


class Lane:
    """The current segment of one partition; for all threads of a process."""

    def __init__(
        self, layout: Layout, p: int, *, lock: AppendLock, segment_bytes: int, disk: Disk
    ) -> None:
        self._layout = layout
        self._p = p
        self._folder = layout.spool(p)
        self._folder_name = str(self._folder)
        self._lock = lock
        self._segment_bytes = segment_bytes
        self._disk = disk
        self._current: OpenSegment | None = None

    def write(self, blob: bytes, *, check: Callable[[], None]) -> Ticket:
        """A ticket for the whole lines in `blob`, which now stand together in the spool.

        `check` is called under the lock and may refuse by raising.
        """
        with self._lock.holding():
            check()
            segment, offset = self._find_place()
            return Ticket(self, segment, segment.write(blob, offset))

    def leave_failed(self) -> None:
        """No process appends to a segment whose sync failed; the next append tries again."""
        with suppress(Overloaded, StorageFailed, OSError), self._lock.holding():
            self._find_place()

    def _find_place(self) -> Place:
        newest = newest_name(self._folder_name)
        if newest is None:
            return self._begin(self._first_base())
        current = self._current
        if current is None or current.file_name != newest:
            current = self._use(Segment.named(self._folder, newest))
            offset = current.end_of_lines()
            if current.segment.base + offset < self._recorded():
                return self._begin(self._first_base())
        else:
            offset = current.end_of_lines()
        if current.has_failed or offset >= self._segment_bytes:
            return self._roll(current, offset)
        return Place(current, offset)

    def _recorded(self) -> int:
        checkpoint = read_checkpoint(self._layout, self._p)
        return checkpoint.pos if checkpoint else 0

    def _first_base(self) -> int:
        """Where a spool begins of which nothing, or not all that was recorded, is left.

        One beyond the checkpoint: no position is given twice, and the reader finds the gap.
        """
        recorded = self._recorded()
        return recorded + 1 if recorded else 0

    def _roll(self, full: OpenSegment, offset: int) -> Place:
        """The place in a new segment; what is in the old one is on disk first, or has failed."""
        full.settle()
        base = full.segment.base
        return self._begin(base + max(offset, 1))  # names must differ in their base to sort

    def _begin(self, base: int) -> Place:
        return Place(self._use(Segment.at(self._folder, base), create=True), 0)

    def _use(self, segment: Segment, *, create: bool = False) -> OpenSegment:
        """The open segment, its name on disk: whoever created it may have died before that."""
        fd = open_file(segment.path, create=create)
        opened = OpenSegment(segment, fd, sync=self._disk.sync)
        try:
            self._disk.sync_directory(self._folder)
        except BaseException:
            opened.retire()
            raise
        self.close()
        self._current = opened
        return opened

    def close(self) -> None:
        """The current segment is closed as soon as nobody waits for it."""
        if self._current is not None:
            self._current.retire()
            self._current = None
