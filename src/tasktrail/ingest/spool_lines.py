"""The lines of one spool segment that are on disk.

Lines are read first and synced afterwards: complete lines never change, so what was read is then
what a power cut leaves. A line still in the page cache only would be recorded, lost with the power,
and its place given to another event. An unterminated last line is being written, or was torn and
will be cut by the next append: it is left alone.
"""

import os
from collections.abc import Callable, Sequence
from typing import Final

from tasktrail.ingest.spool_segments import Segment
from tasktrail.store.files import explained, open_directory, open_to_read
from tasktrail.store.lines import read_long_line

CHUNK: Final = 4 * 1024 * 1024  # bytes per read; one line may be longer
LINE_END: Final = b"\n"

SyncFiles = Callable[[Sequence[int]], None]


class DurableLines:
    """One segment, read from an offset on; raises StorageFailed, and then must be opened anew."""

    def __init__(self, segment: Segment, offset: int, *, sync: SyncFiles) -> None:
        self.segment = segment
        self._fd = open_to_read(segment.path)
        self._offset = offset
        self._sync = sync
        self._synced = 0
        self._stuck_at: int | None = None  # the size at which no line end was found

    def read(self) -> list[bytes]:
        """The next complete lines, about CHUNK bytes, without their line ends; [] when none."""
        with explained("read", self._fd):
            size = os.fstat(self._fd).st_size
            if size <= self._offset or (size == self._stuck_at and not self._ends_a_line(size)):
                return []
            lines, rest = self._split(size)
            end = self._offset + sum(map(len, lines)) + len(lines)
            if not lines:
                self._stuck_at = size
                return []
            whole = not rest if end + len(rest) >= size else self._ends_a_line(size)
        if end > self._synced:
            self._sync_file()
            # Beyond a complete last line nothing can have been cut and written again meanwhile.
            self._synced = size if whole else end
        self._offset = end
        return lines

    def _sync_file(self) -> None:
        """What was written is on disk; at first also the segment's name.

        Its creator may have died before syncing the directory.
        """
        if self._synced:
            self._sync([self._fd])
            return
        directory = open_directory(self.segment.path.parent)
        try:
            self._sync([self._fd, directory])
        finally:
            os.close(directory)

    def _ends_a_line(self, size: int) -> bool:
        return os.pread(self._fd, 1, size - 1) == LINE_END

    def _split(self, size: int) -> tuple[list[bytes], bytes]:
        """The complete lines of the next chunk, and what follows the last of them there."""
        blob = os.pread(self._fd, min(CHUNK, size - self._offset), self._offset)
        if LINE_END in blob:
            *lines, rest = blob.split(LINE_END)
            return lines, rest
        del blob
        line = read_long_line(self._fd, self._offset)
        if line is None or self._offset + len(line) >= size:  # it grew since we looked
            return [], b""
        return [line], b""

    def rest(self) -> bytes:
        """What follows the last complete line, in a segment to which nobody appends any more."""
        with explained("read", self._fd):
            size = os.fstat(self._fd).st_size
            return os.pread(self._fd, max(0, size - self._offset), self._offset)

    @property
    def is_in_place(self) -> bool:
        """Whether the segment still has its name: if not, another owner has recorded it."""
        try:
            found = self.segment.path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(self._fd), found)

    def close(self) -> None:
        """The segment is closed."""
        os.close(self._fd)
