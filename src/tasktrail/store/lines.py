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
    for offset, text in iter_texts_of(fd, start, chunk):
        lines, at = text.split(b"\n"), offset
        if not lines[-1]:  # what stands behind the last line end; a long line has none
            lines.pop()
        del text
        for line in lines:
            yield Line(at, line)
            at += len(line) + 1


def iter_texts_of(fd: int, start: int = 0, chunk: int = CHUNK) -> Iterator[tuple[int, bytes]]:
    """Many lines at a time, as they stand in the file, and where the first of them begins.

    A line longer than that comes alone, without its line end.
    """
    offset = start
    with explained("read", fd):
        while block := os.pread(fd, chunk, offset):
            end = block.rfind(b"\n") + 1
            if end:
                yield offset, block[:end]
                offset += end
                continue
            del block  # a long line is read once more, in one piece: it may be large
            line = read_long_line(fd, offset, chunk)
            if line is None:
                return
            yield offset, line
            offset += len(line) + 1


def read_long_line(fd: int, offset: int, chunk: int = CHUNK) -> bytes | None:
    """The line that begins there, without its line end, copied nowhere else; `None` without one."""
    at = offset
    while block := os.pread(fd, chunk, at):
        found = block.find(b"\n")
        if found >= 0:
            return os.pread(fd, at + found - offset, offset)
        at += len(block)
    return None


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
