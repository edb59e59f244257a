"""Ends processes that hold a lock of the root and have not run for so long that they are frozen.

A stopped owner (SIGSTOP, a debugger, a paused container) keeps its locks for ever: its partition,
its pump or the index stands still, and nothing may take them from it while it lives. So a running
service looks whether whoever holds a lock of its root has come to run at all. One that has not for
`stalled_seconds` of our own running time is killed; its locks are free then, and what it was in the
middle of is replayed, as after any death. Outboxes are never looked at: jobs are left alone.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tasktrail.ingest.outbox_pump import LOCK_NAME
from tasktrail.store.holders import Holder, end, holders_of, progress_of
from tasktrail.store.layout import Layout

LOOK_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


class _Seen(NamedTuple):
    """What a holder had done by the last look, and for how long nothing more."""

    progress: int
    still_seconds: float


class Supervision:
    """Looks at the other processes of one root; used by one thread."""

    def __init__(
        self,
        layout: Layout,
        partitions: int,
        *,
        stalled_seconds: float,
        find: Callable[[list[Path]], list[Holder]] = holders_of,
        progress: Callable[[int], int | None] = progress_of,
        kill: Callable[[Holder], bool] = end,
    ) -> None:
        """With `stalled_seconds` 0 nobody is ever ended."""
        self._layout = layout
        self._partitions = partitions
        self._stalled_seconds = stalled_seconds
        self._find, self._progress, self._kill = find, progress, kill
        self._seen: dict[tuple[int, int], _Seen] = {}
        self._told: set[tuple[int, int]] = set()
        self.ended = 0

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        if not self._stalled_seconds:
            stop.wait()
        while not stop.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Look once; a holder is ended when it stood still through enough looks.

        Time counts by our own looks: while we were frozen ourselves, nobody else is blamed for it.
        """
        seen: dict[tuple[int, int], _Seen] = {}
        for holder in self._find(list(self._lock_files())):
            name = (holder.pid, holder.started)
            progress = self._progress(holder.pid)
            if progress is None or name in seen:
                continue
            before = self._seen.get(name)
            is_still = before is not None and before.progress == progress
            still = before.still_seconds + LOOK_SECONDS if before and is_still else 0.0
            seen[name] = _Seen(progress, still)
            if still >= self._stalled_seconds:
                self._end(holder, still)
        self._seen = seen

    def _end(self, holder: Holder, seconds: float) -> None:
        is_dead = self._kill(holder)
        self.ended += is_dead
        name = (holder.pid, holder.started)
        if is_dead or name not in self._told:  # said once; tried again as long as it is still
            self._told.add(name)
            outcome = "it was ended" if is_dead else "it could not be ended"
            log.warning(
                "process %d holds %s and has not run for %.0f s: %s",
                *(holder.pid, holder.path, seconds, outcome),
            )

    def _lock_files(self) -> Iterator[Path]:
        """Every lock whose holder others wait for; never those of outboxes."""
        layout = self._layout
        for p in range(self._partitions):
            yield layout.partition_lock(p)
            yield layout.append_lock(p)
        yield from layout.pumps.glob("*.lock")
        yield layout.outbox / LOCK_NAME
        yield layout.index_lock
