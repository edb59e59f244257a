"""A segment that this process appends to, and the syncs its threads share.

Writing happens under the append lock, syncing outside it: while one thread syncs, others write, and
the next sync serves all of them. Whoever waited through a sync that failed is told so; the segment
is never synced again, because the system may have dropped what it could not write.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from tasktrail.errors import StorageFailed
from tasktrail.ingest.spool_segments import Segment
from tasktrail.store.files import explained, failure, truncate, write_at
from tasktrail.store.lines import iter_tail

LINE_END: Final = b"\n"


class Disk(NamedTuple):
    """What appending asks of the disk besides reading and writing."""

    sync: Callable[[int], None]  # what was written through a descriptor
    sync_directory: Callable[[Path], None]  # the names in a directory
    free_bytes: Callable[[Path], int]  # on the volume of a path


class OpenSegment:
    """One open segment; `end_of_lines`, `write` and `settle` only under the append lock."""

    def __init__(self, segment: Segment, fd: int, *, sync: Callable[[int], None]) -> None:
        self.segment = segment
        self.file_name = segment.path.name
        self._fd = fd
        self._sync = sync
        self._turn = threading.Condition()
        self._written = 0  # the end of what this process wrote; offsets in the segment
        self._synced = 0
        self._waiting = 0  # writes whose thread has not come back from `wait`
        self._is_syncing = False
        self._is_retired = False
        self._failure: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether a sync failed: nothing more may be written here."""
        return self._failure is not None

    def end_of_lines(self) -> int:
        """The offset to append at, after a torn last line was cut.

        Under the lock an unterminated line can only be what a dead writer left. Complete lines are
        never cut, not even those of a batch that failed: a reader may have recorded them.
        """
        with explained("read", self._fd):
            size = os.fstat(self._fd).st_size
            if size == 0 or os.pread(self._fd, 1, size - 1) == LINE_END:
                return size
        end = next((line.end for line in iter_tail(self._fd, size)), 0)
        truncate(self._fd, end)
        return end

    def write(self, blob: bytes, offset: int) -> int:
        """The offset behind the written lines, for which the caller must `wait` once."""
        try:
            write_at(self._fd, blob, offset)
        except StorageFailed:
            with suppress(StorageFailed):  # else the next append cuts it
                self.end_of_lines()
            raise
        with self._turn:
            self._written = offset + len(blob)
            self._waiting += 1
        return offset + len(blob)

    def wait(self, end: int) -> None:
        """Nothing, once the bytes before `end` are on disk; raises StorageFailed if a sync failed.

        Exactly once for each write.
        """
        try:
            while (target := self._take_turn(end)) is not None:
                self._sync_up_to(target, is_my_turn=True)
        finally:
            with self._turn:
                self._waiting -= 1
                self._close_unused()

    def _take_turn(self, end: int) -> int | None:
        """Up to where the caller has to sync for all; `None` when `end` is on disk."""
        with self._turn:
            while self._synced < end:
                if self._failure is not None:
                    raise StorageFailed(self._failure)
                if not self._is_syncing:
                    self._is_syncing = True
                    return self._written
                self._turn.wait()
            return None

    def _sync_up_to(self, target: int, *, is_my_turn: bool = False) -> None:
        reason = "the sync was interrupted"  # by a KeyboardInterrupt: then nobody knows
        try:
            self._sync(self._fd)
            reason = ""
        except OSError as error:
            reason = str(failure("sync", self._fd, error))
        finally:
            with self._turn:
                if reason:
                    self._failure = reason
                else:
                    self._synced = max(self._synced, target)
                if is_my_turn:
                    self._is_syncing = False
                self._turn.notify_all()

    def settle(self) -> None:
        """Everything in the segment is on disk, whoever wrote it, or the segment has failed."""
        if not self.has_failed:
            with self._turn:
                target = self._written
            self._sync_up_to(target)

    def retire(self) -> None:
        """Nothing more is written here; the file is closed when nobody waits any more."""
        with self._turn:
            self._is_retired = True
            self._close_unused()

    def _close_unused(self) -> None:
        if self._is_retired and self._waiting == 0 and self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
