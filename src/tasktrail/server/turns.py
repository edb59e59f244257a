"""Turns: how many questions search through bytes at the same time.

A search keeps a core and the interpreter's lock busy. Beyond a few, others wait a moment for their
turn, and where many wait already, nobody else does: what is accepted and followed goes first. A
search that is told as it goes takes a turn for each step, so that a slow reader holds up nobody.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final, TypeVar

from tasktrail.errors import Overloaded

AT_ONCE: Final = 2  # the work of others and ours: a program that searches uses cores of its own
MOST_WAITING: Final = 8  # each waits in a thread that others need
WAIT_SECONDS: Final = 20.0
RETRY_SECONDS: Final = 2

Step = TypeVar("Step")


class Turns:
    """Turns of a server; may be used by many threads at once."""

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._wait_seconds = wait_seconds
        self._free = BoundedSemaphore(at_once)
        self._room = BoundedSemaphore(at_once + most_waiting)

    @contextmanager
    def one(self) -> Iterator[None]:
        """A block that is somebody's turn; raises Overloaded."""
        if not self._room.acquire(blocking=False):
            raise self._overloaded("many others wait already")
        try:
            if not self._free.acquire(timeout=self._wait_seconds):
                raise self._overloaded(f"none came within {self._wait_seconds:g} s")
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._room.release()

    def each(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps, each in a turn of its own; raises Overloaded."""
        waiting = iter(steps)
        while True:
            with self.one():
                found = next(waiting, None)
            if found is None:
                return
            yield found

    @staticmethod
    def _overloaded(reason: str) -> Overloaded:
        return Overloaded(f"expected a turn to search, {reason}", retry_after_seconds=RETRY_SECONDS)
