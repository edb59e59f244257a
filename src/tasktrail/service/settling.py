"""Who sends an event and asks at once, finds it: reading waits a moment for what was accepted here.

Accepted is not yet recorded; the recorder is some milliseconds behind. Only what this process
accepted before the question is waited for, and never for long: an answer is not held up by a
recorder that stands still.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from tasktrail.errors import TasktrailError
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import Layout

PATIENCE_SECONDS: Final = 0.5
FIRST_WAIT_SECONDS: Final = 0.001
LONGEST_WAIT_SECONDS: Final = 0.02

Sleep = Callable[[float], None]


class Settling:
    """How far each partition was accepted by this process, and how far it is known recorded."""

    def __init__(self, layout: Layout, *, sleep: Sleep = time.sleep) -> None:
        self._layout = layout
        self._sleep = sleep
        self._lock = threading.Lock()
        self._accepted: dict[int, int] = {}
        self._recorded: dict[int, int] = {}

    def accepted(self, ends: Mapping[int, int]) -> None:
        """So far the spool of these partitions was written by us."""
        with self._lock:
            for p, end in ends.items():
                self._accepted[p] = max(end, self._accepted.get(p, 0))

    def wait(self, *, patience_seconds: float = PATIENCE_SECONDS) -> bool:
        """Whether everything accepted before this call is recorded by now."""
        with self._lock:
            ends = dict(self._accepted)
        deadline = time.monotonic() + patience_seconds
        pause = FIRST_WAIT_SECONDS
        while not self._are_recorded(ends):
            if time.monotonic() > deadline:
                return False
            self._sleep(pause)
            pause = min(2 * pause, LONGEST_WAIT_SECONDS)
        return True

    def _are_recorded(self, ends: Mapping[int, int]) -> bool:
        """Whether they are; where that is known already the disk is not asked."""
        known = self._recorded
        return all(known.get(p, 0) >= end or self._look(p) >= end for p, end in ends.items())

    def _look(self, p: int) -> int:
        try:
            checkpoint = read_checkpoint(self._layout, p)
        except TasktrailError:
            return 0
        self._recorded[p] = checkpoint.pos if checkpoint else 0
        return self._recorded[p]
