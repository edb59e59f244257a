"""Locks between processes: an flock on a file of the data volume.

It stands beside the data it guards and ends with its process; no clock has a say. A fork
would inherit it: never fork while holding one. A descriptor of its own per acquisition makes it
work between two objects of one process too. One object is used by one thread at a time.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tasktrail.errors import LockHeld
from tasktrail.store.files import failure, open_file

FIRST_WAIT_SECONDS: Final = 0.001
LONGEST_WAIT_SECONDS: Final = 0.05


class FileLock:
    """An exclusive lock named by a file, which stays when the lock is released."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._fd is not None

    def acquire(self, timeout_seconds: float = 0) -> bool:
        """Whether this object holds the lock now; waits at most that long for another holder."""
        if self.held:
            return True
        deadline = time.monotonic() + timeout_seconds
        wait = FIRST_WAIT_SECONDS
        while not self._try():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(wait, left))
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        return True

    def _try(self) -> bool:
        fd = open_file(self.path, create=True)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        except OSError as error:
            os.close(fd)
            raise failure("lock", self.path, error) from error
        if not self._is_named(fd):  # the file was deleted between open and lock: lock the new one
            os.close(fd)
            return self._try()
        self._fd = fd
        return True

    def _is_named(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), self.path.stat(follow_symlinks=False))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """The lock is free; nothing happens when this object does not hold it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


@contextmanager
def holding(path: Path, timeout_seconds: float = 0) -> Iterator[FileLock]:
    """A block in which the lock is held; raises LockHeld when another holder does not let go."""
    lock = FileLock(path)
    if not lock.acquire(timeout_seconds):
        raise LockHeld(f"expected {path} to be free within {timeout_seconds} s, another holds it")
    try:
        yield lock
    finally:
        lock.release()
