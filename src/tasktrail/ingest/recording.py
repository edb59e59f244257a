"""Recording: the partitions this process owns, each in a thread of its own.

`run` records until told to stop, `record_now` what is there now, for commands without a service.
Trouble with the disk stops a partition, never the others: it is told, waited out and taken up
again from the checkpoint.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from tasktrail.errors import LockHeld, TasktrailError
from tasktrail.ingest.ownership import Ownership
from tasktrail.ingest.partition import MAX_BATCH_EVENTS, Partition
from tasktrail.ingest.spool_segments import newest_segment
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import Layout
from tasktrail.store.locks import FileLock
from tasktrail.store.root import Root
from tasktrail.store.watch import Watch

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.02  # how soon an append by another process is seen
REBALANCE_SECONDS: Final = 0.25  # how soon a free partition is taken over
RETRY_SECONDS: Final = 1.0
REST_SECONDS: Final = 2.0  # quiet for so long: bring stale documents up to date
GATHER_FROM_EVENTS: Final = 100  # so many in a batch, and more will be there in a moment
GATHER_SECONDS: Final = 0.05  # the longest wait for them


class RecordingStatus(Struct, frozen=True):
    """What this process records, and what keeps it from recording."""

    owned: tuple[int, ...]
    troubles: dict[int, str]


class Recording:
    """The recorder of one process."""

    def __init__(self, layout: Layout, root: Root, *, spool: SpoolWriter, watch: Watch) -> None:
        self._layout = layout
        self._root = root
        self._spool = spool
        self._watch = watch
        self._wakes = {number: threading.Event() for number in range(root.partitions)}
        self._threads: dict[int, threading.Thread] = {}
        self._troubles: dict[int, str] = {}

    def wake(self) -> None:
        """Something was appended by this process: look at once."""
        for event in self._wakes.values():
            event.set()

    def status(self) -> RecordingStatus:
        """What is recorded here now."""
        owned = tuple(sorted(number for number, one in self._threads.items() if one.is_alive()))
        return RecordingStatus(owned, dict(self._troubles))

    def run(self, stop: threading.Event) -> None:
        """Own a fair share of the partitions and record them until `stop` is set.

        What was accepted before is recorded by the time it returns, as far as the disk allows.
        """
        ownership = Ownership(self._layout, self._root.partitions)
        try:
            while True:
                ownership.rebalance()
                self._start_threads(ownership, stop)
                if stop.wait(REBALANCE_SECONDS):
                    return
        finally:
            stop.set()
            self.wake()
            for thread in self._threads.values():
                thread.join()
            ownership.close()

    def _start_threads(self, ownership: Ownership, stop: threading.Event) -> None:
        self._threads = {n: one for n, one in self._threads.items() if one.is_alive()}
        for number in ownership.owned - self._threads.keys():
            thread = threading.Thread(
                target=self._record, args=(number, ownership, stop), name=f"partition-{number}"
            )
            self._threads[number] = thread
            thread.start()

    def _record(self, number: int, ownership: Ownership, stop: threading.Event) -> None:
        """Record one partition until stopped or handed back, whatever the disk does."""
        while True:
            try:
                with self._opened(number) as partition:
                    self._troubles.pop(number, None)
                    self._record_opened(partition, ownership, stop)
            except (TasktrailError, OSError) as error:
                if self._is_new_trouble(number, str(error)):
                    log.warning("partition %d stopped: %s", number, error)
                stop.wait(RETRY_SECONDS)
            except Exception as error:  # a mistake of ours must not stop it unseen
                if self._is_new_trouble(number, repr(error)):
                    log.exception("partition %d stopped", number)
                stop.wait(RETRY_SECONDS)
            if stop.is_set() or number in ownership.surplus():
                ownership.release(number)
                return

    def _is_new_trouble(self, number: int, said: str) -> bool:
        """Whether it was not said yet; shown while it lasts."""
        is_new = self._troubles.get(number) != said
        self._troubles[number] = said
        return is_new

    @contextmanager
    def _opened(self, number: int) -> Iterator[Partition]:
        partition = Partition(
            self._layout, self._root, number, spool=self._spool, watch=self._watch
        )
        try:
            yield partition
        finally:
            partition.close()

    def _record_opened(
        self, partition: Partition, ownership: Ownership, stop: threading.Event
    ) -> None:
        wake = self._wakes[partition.number]
        busy_at = time.monotonic()
        while not stop.is_set() and partition.number not in ownership.surplus():
            wake.clear()
            began = time.monotonic()
            if taken := partition.step():
                busy_at = time.monotonic()
                gather(stop, taken, busy_at - began, waiting=partition.waiting_bytes)
                continue
            if busy_at and time.monotonic() - busy_at > REST_SECONDS:
                partition.rest()
                busy_at = 0.0
            wake.wait(POLL_SECONDS)
        while partition.step():
            pass
        partition.rest()

    def record_now(self, *, timeout_seconds: float = 5.0) -> None:
        """Record what the spool holds by now, or wait until others have; else raises LockHeld."""
        deadline = time.monotonic() + timeout_seconds
        ends = {n: spool_end(self._layout, n) for n in range(self._root.partitions)}
        while behind := [n for n, end in ends.items() if not self._is_done(n, end)]:
            if time.monotonic() > deadline:
                raise LockHeld(
                    f"partitions {behind} are held by another process that does not record"
                )
            time.sleep(POLL_SECONDS)

    def is_behind(self) -> bool:
        """Whether something is accepted that nobody has recorded yet."""
        return not all(
            self._is_recorded(number, spool_end(self._layout, number))
            for number in range(self._root.partitions)
        )

    def _is_done(self, number: int, end: int) -> bool:
        return self._is_recorded(number, end) or self._record_if_free(number, end)

    def _record_if_free(self, number: int, end: int) -> bool:
        """Whether it was recorded at least to that place; what comes all the time has no end."""
        lock = FileLock(self._layout.partition_lock(number))
        if not lock.acquire():
            return False
        try:
            with self._opened(number) as partition:
                while partition.checkpoint.pos < end and partition.step():
                    pass
                partition.rest()
        finally:
            lock.release()
        return True

    def _is_recorded(self, number: int, end: int) -> bool:
        checkpoint = read_checkpoint(self._layout, number)
        return end == 0 or (checkpoint is not None and checkpoint.pos >= end)


def gather(
    stop: threading.Event, taken: int, seconds: float, *, waiting: Callable[[], int]
) -> None:
    """Under load, wait about as long as the batch took: the next one is larger for it.

    A batch costs its syncs and its files whether it holds ten events or ten thousand. Few events
    are never waited with, and a full batch means that the next one waits already. `waiting` says
    how many bytes came while the batch was recorded: none, and there is time for what comes next.
    It looks at the disk, and is asked only where it decides.
    """
    if GATHER_FROM_EVENTS <= taken < MAX_BATCH_EVENTS and waiting():
        stop.wait(min(seconds, GATHER_SECONDS))


def spool_end(layout: Layout, number: int) -> int:
    """The position behind the last byte of the partition's spool, as it is now."""
    newest = newest_segment(layout.spool(number))
    return newest.end if newest else 0
