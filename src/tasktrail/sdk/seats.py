"""How many more records may wait before their outbox is asked again.

A call that logs needs the time, and has to know whether the buffer is full. Both are one step here:
the clock is read through an iterator that ends when the seats are taken, which costs less than to
count what waits. To take a seat cannot be interrupted half-way, by a signal or by another thread.
"""

from collections.abc import Callable, Iterator
from itertools import repeat, starmap
from typing import Any


class Seats:
    """Where records wait, and a time (nanoseconds) for each that still may."""

    __slots__ = ("_nanos", "records", "stamps")

    def __init__(self, records: list[Any], nanos: Callable[[], int]) -> None:
        self.records = records
        self._nanos = nanos
        self.withdraw()

    def offer(self, count: int) -> None:
        """So many, from now on; none for a number below one."""
        self.stamps: Iterator[int] = starmap(self._nanos, repeat((), count))

    def withdraw(self) -> None:
        """There are none: the next record asks."""
        self.stamps = repeat(0, 0)
