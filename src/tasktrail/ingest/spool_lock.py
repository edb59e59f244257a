"""The append lock of one partition's spool: threads of a process first, then the processes.

It is held for one write and asked for thousands of times a second, so its file stays open and a
busy lock is tried again within fractions of a millisecond. A process that was stopped while holding
it makes the others wait for a bounded time only.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tasktrail.errors import Overloaded
from tasktrail.store.files import open_file

FIRST_WAIT_SECONDS: Final = 0.0001
LONGEST_WAIT_SECONDS: Final = 0.005
RETRY_AFTER_SECONDS: Final = 2


class AppendLock:
    """A lock for many threads of many processes; one object per process and partition."""

    def __init__(self, path: Path, *, wait_seconds: float) -> None:
        self._path = str(path)  # asked at each append: a pathlib call costs more than the lock
        self._wait_seconds = wait_seconds
        self._threads = threading.Lock()
        self._fd: int | None = None

    @contextmanager
    def holding(self) -> Iterator[None]:
        """A block that one thread of one process is in; raises Overloaded after the bound."""
        deadline = time.monotonic() + self._wait_seconds
        if not self._threads.acquire(timeout=self._wait_seconds):
            raise self._busy()
        try:
            fd = self._lock_file(deadline)
            try:
                yield
            finally:
                fcntl.flock(fd, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _busy(self) -> Overloaded:
        return Overloaded(
            f"expected {self._path} to be free within {self._wait_seconds} s, another holds it",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )

    def _lock_file(self, deadline: float) -> int:
        wait = FIRST_WAIT_SECONDS
        while (fd := self._try()) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._busy()
            time.sleep(min(wait, left))
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        return fd

    def _try(self) -> int | None:
        """The locked descriptor, or `None` while another process holds the lock."""
        if self._fd is None:
            self._fd = open_file(self._path, create=True)
        fd = self._fd
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        if self._is_named(fd):
            return fd
        self._forget_file()  # somebody deleted the file: others lock the new one
        return None

    def _is_named(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), os.lstat(self._path))
        except FileNotFoundError:
            return False

    def _forget_file(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def close(self) -> None:
        """The lock's file is closed; the lock may be used again."""
        with self._threads:
            self._forget_file()
