"""Watch: "these trails advanced", and nothing more.

It carries no entry, so losing a notice harms nobody: whoever is told reads after its own cursor,
and finds everything. An empty notice means that any trail may have advanced.
"""

import logging
from collections.abc import Callable, Mapping
from threading import Event, Lock
from typing import Final

from tasktrail.errors import StorageFailed
from tasktrail.model.ids import TrailKey
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import Layout
from tasktrail.store.touched import read_touched

INTERVAL_SECONDS: Final = 0.05
_LOG: Final = logging.getLogger(__name__)

Heads = Mapping[TrailKey, int]  # the last `seq` of each trail that advanced


class Watch:
    """Tells its subscribers, in the thread of whoever notifies."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._callbacks: dict[object, Callable[[Heads], None]] = {}

    def subscribe(self, callback: Callable[[Heads], None]) -> Callable[[], None]:
        """What to call to hear no more. The callback must be quick: it only wakes somebody."""
        token = object()
        with self._lock:
            self._callbacks[token] = callback

        def unsubscribe() -> None:
            with self._lock:
                self._callbacks.pop(token, None)

        return unsubscribe

    def notify(self, trails: Heads) -> None:
        """Every subscriber is told; one that fails does not keep the others from hearing."""
        with self._lock:
            callbacks = list(self._callbacks.values())
        for callback in callbacks:
            try:
                callback(trails)
            except Exception:  # noqa: BLE001 - whatever it is, the recorder goes on
                _LOG.exception("a subscriber of the watch failed")


class CheckpointPoller:
    """Notifies of what recorders in other processes record, by looking at their checkpoints."""

    def __init__(
        self,
        layout: Layout,
        partitions: int,
        watch: Watch,
        stop: Event,
        interval: float = INTERVAL_SECONDS,
    ) -> None:
        self._layout = layout
        self._watch = watch
        self._stop = stop
        self._interval = interval
        self._pos = {p: self._pos_of(p) for p in range(partitions)}
        self._unreadable: set[int] = set()

    def run(self) -> None:
        """Looks until it is stopped."""
        while not self._stop.wait(self._interval):
            self.poll()

    def poll(self) -> None:
        """Looks once at every partition, and notifies of those that advanced.

        The checkpoint itself is read: neither inode nor time tells two of them apart for sure.
        """
        for p in self._pos:
            try:
                self._advance(p)
                self._unreadable.discard(p)
            except StorageFailed as error:
                if p not in self._unreadable:  # said once, looked at again for ever
                    _LOG.warning("partition %d cannot be watched: %s", p, error)
                self._unreadable.add(p)

    def _pos_of(self, p: int) -> int:
        checkpoint = read_checkpoint(self._layout, p)
        return checkpoint.pos if checkpoint else 0

    def _advance(self, p: int) -> None:
        before, pos = self._pos[p], self._pos_of(p)
        if pos == before:
            return
        batches = read_touched(self._layout, p, after=before)
        self._pos[p] = pos
        heads: dict[TrailKey, int] = {}
        for batch in batches or ():
            if batch.pos <= pos:
                heads |= batch.heads()
        if heads or batches is None:
            self._watch.notify(heads)
