"""The disk-full rule: every door stops while recording could not be finished on what is free.

Recording needs about as much again as is waiting in the spool, so acceptance stops while free space
is under 1.3 times the unrecorded spool and one segment per partition. Asking the disk costs a few
file system calls: it is asked again after a short time or some megabytes, in between the answer is
carried forward with what this process accepted.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.errors import Overloaded, StorageFailed
from tasktrail.ingest.spool_segments import unrecorded_bytes
from tasktrail.store.layout import Layout

HEAD_ROOM: Final = 1.3  # bytes that recording may need for each unrecorded byte
MAX_AGE_SECONDS: Final = 0.2
MAX_ACCEPTED_BYTES: Final = 8 * 1024 * 1024  # between two looks at the disk
RETRY_AFTER_SECONDS: Final = 2

FreeBytes = Callable[[Path], int]


def free_on_volume(path: Path) -> int:
    """How many bytes an ordinary user may still write on the volume of that path."""
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


class Space(Struct, frozen=True):
    """What is free on the volume and what must stay free, in bytes."""

    free: int
    needed: int

    @property
    def is_short(self) -> bool:
        """Whether nothing may be accepted."""
        return self.free < self.needed


class Pressure:
    """Whether there is room to accept more; for all threads of a process."""

    def __init__(
        self,
        layout: Layout,
        partitions: int,
        *,
        segment_bytes: int,
        free_bytes: FreeBytes = free_on_volume,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._layout = layout
        self._partitions = partitions
        self._reserve = partitions * segment_bytes
        self._free_bytes = free_bytes
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._space: Space | None = None
        self._looked_at = 0.0
        self._accepted = 0

    def admit(self, size: int, *, ignore_pressure: bool = False) -> None:
        """Nothing when that many bytes may be accepted, else raises Overloaded."""
        with self._lock:
            space = self._look()
            needed = space.needed + _price(self._accepted + size)
            if space.free < needed and not ignore_pressure:
                raise Overloaded(
                    f"{self._layout.root}: expected {needed} bytes free, to be able to record what "
                    f"is accepted, found {space.free}",
                    retry_after_seconds=RETRY_AFTER_SECONDS,
                )
            self._accepted += size

    def _look(self) -> Space:
        """The space at the last look at the disk, which is not long or much ago."""
        now = self._monotonic()
        is_old = now - self._looked_at >= MAX_AGE_SECONDS or self._accepted >= MAX_ACCEPTED_BYTES
        if self._space is None or is_old:
            self._space = self.space()
            self._looked_at = now
            self._accepted = 0
        return self._space

    def space(self) -> Space:
        """The space as the disk says now."""
        try:
            waiting = unrecorded_bytes(self._layout, self._partitions)
            free = self._free_bytes(self._layout.root)
        except OSError as error:
            raise StorageFailed(f"cannot measure {self._layout.root}: {error}") from error
        return Space(free, int(HEAD_ROOM * waiting) + self._reserve)


def _price(size: int) -> int:
    """What accepting costs: the bytes themselves, and the room to record them."""
    return int((1 + HEAD_ROOM) * size)
