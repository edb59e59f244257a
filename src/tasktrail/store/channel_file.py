"""One channel of an open trail: its file, its known end, and the lines that wait to be written."""

import os
from collections.abc import Iterator, Sequence

from tasktrail.errors import StorageFailed
from tasktrail.store.files import explained, open_file, write_at
from tasktrail.store.lines import CHUNK, Line, iter_lines_of


class ChannelFile:
    """Lines are appended in memory and written at the known end, never by O_APPEND.

    The same line thus lands at the same place whoever writes it. A write that failed may be tried
    again: it puts the same bytes there. The file may be closed in between: it rests.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.fd: int | None = None
        self.exists = False
        self.end = 0  # where the waiting lines will begin
        self.size = 0  # where they will end
        self._waiting: list[bytes] = []

    def found(self, fd: int, end: int) -> None:
        """The file exists, and what is ours in it ends there."""
        self.fd, self.exists = fd, True
        self.end = self.size = end

    def open(self, directory: int) -> int:
        """The descriptor of the file, made when there is none yet."""
        if self.fd is None:
            fd = open_file(self.name, create=not self.exists, dir_fd=directory)
            size = os.fstat(fd).st_size
            if size < self.end or (size and not self.exists):  # somebody else was here
                os.close(fd)
                raise StorageFailed(f"{self.name}: expected {self.end} bytes, found {size}")
            self.fd, self.exists = fd, True
        return self.fd

    def append(self, line: bytes) -> int:
        """Where the line, with its line end, will stand."""
        offset = self.size
        self._waiting.append(line)
        self.size = offset + len(line)
        return offset

    def extend(self, lines: Sequence[bytes]) -> None:
        """The lines, with their line ends, will stand one behind the other."""
        self._waiting += lines
        self.size += sum(map(len, lines))

    def write(self, directory: int) -> int:
        """The descriptor to sync, once what waited is written."""
        fd = self.open(directory)
        write_at(fd, b"".join(self._waiting), self.end)
        self._waiting.clear()
        self.end = self.size
        return fd

    def lines(self, directory: int | None) -> Iterator[Line]:
        """Every line of the channel, written or waiting."""
        if directory is not None and self.exists:
            for line in iter_lines_of(self.open(directory)):
                if line.offset >= self.end:  # left of a write that failed half-way
                    break
                yield line
        offset = self.end
        for blob in self._waiting:
            yield Line(offset, blob[:-1])
            offset += len(blob)

    def line_at(self, directory: int | None, offset: int) -> bytes:
        """The line at that place, written or waiting, without its line end."""
        if offset >= self.end or directory is None:
            waiting = b"".join(self._waiting)
            start = offset - self.end
            return waiting[start : waiting.index(b"\n", start)]
        fd = self.open(directory)
        parts: list[bytes] = []
        with explained("read", fd):
            while block := os.pread(fd, min(CHUNK, self.end - offset), offset):
                offset += len(block)
                line, found, _ = block.partition(b"\n")
                parts.append(line)
                if found or offset >= self.end:
                    break
        return b"".join(parts)

    def rest(self) -> None:
        """The file is closed until it is needed again; what waits still waits."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None
