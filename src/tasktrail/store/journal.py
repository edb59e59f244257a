"""An append-only file of JSON lines beside the trails: dead letters, holds, touched trails.

One owner appends and syncs; readers see complete lines. Lines that belong to a part of the spool
which will be replayed are cut when the owner opens the journal, so that no replay doubles them.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import msgspec
from msgspec import Struct

from tasktrail.store.files import open_file, sync_directory, sync_files, truncate, write_at
from tasktrail.store.lines import iter_tail


class _Place(Struct):
    pos: int | None = None


_PLACE: Final = msgspec.json.Decoder(_Place)


def is_below(pos: int) -> Callable[[bytes], bool]:
    """Whether a journal's line was written for an event before that place in the spool."""

    def keep(line: bytes) -> bool:
        try:
            place = _PLACE.decode(line).pos
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        return place is not None and place < pos

    return keep


class Journal:
    """One open journal; only its owner has one."""

    def __init__(self, fd: int, size: int) -> None:
        self._fd = fd
        self.size = size

    @classmethod
    def open(cls, path: Path, *, keep: Callable[[bytes], bool] | None) -> Self:
        """The journal, cut after the last line that `keep` accepts, or after its last whole line.

        What is found is synced before it is trusted: the owner before may have died in between.
        """
        fd = open_file(path, create=True)
        size = os.fstat(fd).st_size
        end = next((one.end for one in iter_tail(fd, size) if keep is None or keep(one.line)), 0)
        if end < size:
            truncate(fd, end)
        sync_files([fd])
        if end == 0:
            sync_directory(path.parent)
        return cls(fd, end)

    def append(self, blob: bytes) -> None:
        """The lines, synced; raises StorageFailed, and then the journal must be opened anew."""
        write_at(self._fd, blob, self.size)
        sync_files([self._fd])
        self.size += len(blob)

    def close(self) -> None:
        """The journal is closed."""
        os.close(self._fd)
