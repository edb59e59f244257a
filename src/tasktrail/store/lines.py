"""Lines of append-only files, read forwards and from the end.

Only complete lines are seen: an unterminated last line is being written, or was torn, and is left
to the owner. A line is bytes; what it means, and whether it can be read at all, is the caller's.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tasktrail.store.files import explained, open_to_read

CHUNK: Final = 1 << 20
TAIL_CHUNK: Final = 1 << 16


class Line(NamedTuple):
    """A complete line without its line end, and where it begins."""

    offset: int
    line: bytes

    @property
    def end(self) -> int:
        """Where the next line begins."""
        return self.offset + len(self.line) + 1


def iter_lines(path: Path, start: int = 0, chunk: int = CHUNK) -> Iterator[Line]:
    """The complete lines of the file from that offset on; none when there is no such file."""
    try:
        fd = open_to_read(path)
    except FileNotFoundError:
        return
    try:
        yield from iter_lines_of(fd, start, chunk)
    finally:
        os.close(fd)


def iter_lines_of(fd: int, start: int = 0, chunk: int = CHUNK) -> Iterator[Line]:
    """The complete lines of an open file from that offset on, as far as it reaches by then."""
    offset = at = start
    parts: list[bytes] = []
    with explained("read", fd):
        while block := os.pread(fd, chunk, at):
            at += len(block)
            first, *lines = block.split(b"\n")
            parts.append(first)
            if not lines:
                continue
            first = b"".join(parts)
            parts = [lines.pop()]
            yield Line(offset, first)
            offset += len(first) + 1
            for line in lines:
                yield Line(offset, line)
                offset += len(line) + 1


def iter_tail(fd: int, size: int) -> Iterator[Line]:
    """The complete lines of the first `size` bytes, the last one first.

    Bytes after the last line end belong to no line and are passed over.
    """
    start, chunk = size, TAIL_CHUNK
    block = b""
    while start > 0:
        step = min(chunk, start)
        start -= step
        chunk *= 2
        with explained("read", fd):
            block = os.pread(fd, step, start) + block
        *lines, rest = block.split(b"\n")
        # The first piece may begin before this block: it waits for the next step.
        first = 0 if start == 0 else 1
        offset = start + len(block) - len(rest)
        for line in reversed(lines[first:]):
            offset -= len(line) + 1
            yield Line(offset, line)
        block = block[: offset - start]
