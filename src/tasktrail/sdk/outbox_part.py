"""One file of an outbox, and the few verbs that make its bytes last.

A part is locked before it gets its name and as long as it is open. Bytes are written to a stated
place, so that a write that was interrupted is simply made again: the same bytes, at the same place.
"""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

FILE_MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700
CLOSED: Final = -1
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW

SyncFile = Callable[[int], None]
to_disk: Final[SyncFile] = os.fdatasync


class Part:
    """One file, open to be written to by nobody else."""

    def __init__(self, fd: int, directory: Path) -> None:
        self.fd = fd  # CLOSED when it is no more written to
        self._directory = directory
        self._is_named = False  # whether the directory surely holds its name
        self.size = 0  # of what is surely written
        self.synced = 0  # so much of it is surely on disk

    @classmethod
    def new(cls, path: Path) -> Self:
        """A new file of that name, locked before it has it: nobody may take it for a dead one's."""
        make_private_directory(path.parent)
        # Random: one that an interrupt left behind must not stand in the way.
        temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.new")
        fd = os.open(temporary, _NEW, FILE_MODE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temporary.rename(path)
        except BaseException:
            os.close(fd)
            temporary.unlink(missing_ok=True)
            raise
        return cls(fd, path.parent)

    def write_rest(self, blob: bytes, offset: int, written: int) -> None:
        """What did not fit at once: a disk that is almost full takes a part first."""
        while written < len(blob):
            written += os.pwrite(self.fd, blob[written:], offset + written)

    def cut_back(self, offset: int) -> None:
        """No half-written frame stays; where that fails too, the file gets nothing more."""
        try:
            os.ftruncate(self.fd, offset)
        except OSError:
            self.close()

    def sync(self, sync_file: SyncFile) -> None:
        """Everything that was written until now is on disk, and so is the file's name."""
        size = self.size
        sync_file(self.fd)
        if not self._is_named:
            _sync_directory(self._directory)
            self._is_named = True
        self.synced = size

    def close(self) -> None:
        """The file is free to be taken on as a whole; closed twice is closed once."""
        fd, self.fd = self.fd, CLOSED
        if fd != CLOSED:
            with suppress(OSError):
                os.close(fd)


def make_private_directory(path: Path) -> None:
    """The directory and its parents, for their owner only where they are new."""
    if path.is_dir():
        return
    if path.parent != path:
        make_private_directory(path.parent)
    path.mkdir(DIRECTORY_MODE, exist_ok=True)


def replace_file(path: Path, blob: bytes) -> None:
    """The file with these bytes, on disk when the call returns, at no time in between half."""
    temporary = path.with_name(f".{path.name}.tmp")
    fd = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE)
    _write_and_close(fd, blob)
    temporary.replace(path)
    _sync_directory(path.parent)


def append_durably(path: Path, blob: bytes) -> None:
    """The lines at the end of the file, on disk when the call returns."""
    flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC
    _write_and_close(os.open(path, flags, FILE_MODE), blob)


def _write_and_close(fd: int, blob: bytes) -> None:
    try:
        view = memoryview(blob)
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
