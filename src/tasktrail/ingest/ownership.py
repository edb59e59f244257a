"""Which partitions this recorder owns: locks on the data volume, shared out fairly.

A partition belongs to whoever holds its lock; the kernel frees it at death, a stopped owner keeps
it. Every living recorder holds a lock on a file of its own, so all of them see the same list and
each knows its share: with P partitions and n recorders either P // n or one more.
"""

import secrets
import threading
from contextlib import suppress
from typing import Final

from tasktrail.store.layout import Layout
from tasktrail.store.locks import FileLock

NAME_BYTES: Final = 8
SUFFIX: Final = ".lock"


class Ownership:
    """The partitions of one recorder; its threads may ask and release, one thread rebalances."""

    def __init__(self, layout: Layout, partitions: int) -> None:
        self._layout = layout
        self._partitions = partitions
        self._living: FileLock | None = None
        self._locks: dict[int, FileLock] = {}
        self._surplus: frozenset[int] = frozenset()
        self._mutex = threading.Lock()

    @property
    def owned(self) -> frozenset[int]:
        """The partitions whose locks are held here."""
        with self._mutex:
            return frozenset(self._locks)

    def surplus(self) -> frozenset[int]:
        """Owned partitions that other recorders wait for: release them after a checkpoint."""
        with self._mutex:
            return self._surplus

    def rebalance(self) -> None:
        """Take free partitions up to the fair share; what is above it becomes surplus."""
        share = self._fair_share()
        owned = self.owned
        for p in range(self._partitions):
            if len(owned) >= share:
                break
            lock = FileLock(self._layout.partition_lock(p))
            if p not in owned and lock.acquire():
                owned |= {p}
                with self._mutex:
                    self._locks[p] = lock
        with self._mutex:
            self._surplus = frozenset(sorted(self._locks)[share:])

    def _fair_share(self) -> int:
        """How many partitions are ours, by our place among the living recorders."""
        own = self._own_name()
        living = sorted({own, *self._living_names()})
        least, more = divmod(self._partitions, len(living))
        return least + (living.index(own) < more)

    def _own_name(self) -> str:
        """The name of the file that shows that this recorder lives."""
        while self._living is None:
            name = secrets.token_hex(NAME_BYTES) + SUFFIX
            lock = FileLock(self._layout.recorders / name)
            if lock.acquire():  # not when somebody just looked whether its holder is dead
                self._living = lock
        return self._living.path.name

    def _living_names(self) -> list[str]:
        """The recorders that hold their lock; files of dead ones are removed."""
        living = []
        for path in self._layout.recorders.glob(f"*{SUFFIX}"):
            lock = FileLock(path)
            if not lock.acquire():
                living.append(path.name)
                continue
            with suppress(FileNotFoundError):
                path.unlink()
            lock.release()
        return living

    def release(self, p: int) -> None:
        """The partition is free for others; nothing happens when it is not owned."""
        with self._mutex:
            lock = self._locks.pop(p, None)
            self._surplus -= {p}
        if lock is not None:
            lock.release()

    def close(self) -> None:
        """Everything is released, and this recorder no longer counts as living."""
        for p in self.owned:
            self.release(p)
        if self._living is not None:
            self._living.path.unlink(missing_ok=True)
            self._living.release()
            self._living = None
