"""The files of a trail, as they stand on disk, up to what is recorded.

What an owner has written and not yet recorded may still be cut: a channel ends, for whoever reads
it here, with its last recorded line.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from tasktrail.errors import FileNotFound
from tasktrail.model.channels import CHANNEL_FILES, DOCUMENT_FILES
from tasktrail.model.ids import TrailKey
from tasktrail.query.rows import Row
from tasktrail.store.files import explained, open_to_read
from tasktrail.store.heads import read_head
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_tail
from tasktrail.store.trail_directory import find_directory

KINDS: Final = {
    **dict.fromkeys(DOCUMENT_FILES.values(), "document"),
    **dict.fromkeys(CHANNEL_FILES.values(), "channel"),
}


class TrailFile(Struct, frozen=True):
    """An open file of a trail; usable while its block is open."""

    name: str
    kind: str  # channel | document
    size: int  # bytes, as far as it is recorded
    fd: int

    def read(self, start: int, length: int) -> bytes:
        """So many bytes from there, or what there is."""
        parts, end = [], min(self.size, start + length)
        with explained("read", self.name):
            while start < end and (block := os.pread(self.fd, end - start, start)):
                parts.append(block)
                start += len(block)
        return b"".join(parts)


def list_files(layout: Layout, key: TrailKey, *, below: int) -> list[Row]:
    """Name, kind and size of every file that the trail has, in the order of their numbers."""
    found: list[Row] = []
    for name in sorted(KINDS):
        try:
            with open_trail_file(layout, key, name, below=below) as file:
                found.append({"name": file.name, "kind": file.kind, "size": file.size})
        except FileNotFound:
            continue
    return found


@contextmanager
def open_trail_file(layout: Layout, key: TrailKey, name: str, *, below: int) -> Iterator[TrailFile]:
    """A block with one of the trail's files; raises FileNotFound for any other name."""
    directory = find_directory(layout, key.family, key.directory) if name in KINDS else None
    if directory is None:
        raise _missing(key, name)
    try:
        fd = open_to_read(name, dir_fd=directory)
    except FileNotFoundError as error:
        raise _missing(key, name) from error
    finally:
        os.close(directory)
    try:
        size = os.fstat(fd).st_size
        if KINDS[name] == "channel":
            size = _recorded(fd, size, below)
        yield TrailFile(name, KINDS[name], size, fd)
    finally:
        os.close(fd)


def _missing(key: TrailKey, name: str) -> FileNotFound:
    return FileNotFound(f"expected a file {name[:80]!r} in {key.name}, there is none")


def _recorded(fd: int, size: int, below: int) -> int:
    """Where the last recorded line ends; lines that cannot be read are nobody's to cut."""
    end = 0
    for line in iter_tail(fd, size):
        head = read_head(line.line)
        end = end or line.end
        if head is None:
            continue
        if head.pos < below:
            return end
        end = 0
    return end
