"""Beats: when those who follow the same are woken, and what they share until the next time.

Whoever follows a trail, or all of them, is woken together with the others: at once after a rest,
and under load the later the more there are, so that what came meanwhile is read, put into words and
sent once for all. Between two beats everybody sees the trail as it was at the first look: so
followers at one place stay at one place. Nothing is queued; one that is slow hears the next beat.
"""

import asyncio
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, Generic, Protocol, TypeVar

LEAST_PAUSE_SECONDS: Final = 0.02  # between two beats: at most 50 batches a second
FOLLOWER_SECONDS: Final = 0.0004  # longer for each: telling one costs about a quarter of that
MOST_REMEMBERED: Final = 16  # looks: filters and places that followers have in common

Found = TypeVar("Found")
Looking = asyncio.Task[Any]


class Sight(Protocol):
    """What one look gives."""

    @property
    def is_full(self) -> bool:
        """Whether more may be waiting behind it."""


Seen = TypeVar("Seen", bound=Sight)


class Moment(Generic[Found]):
    """Something as it is when it is first asked for; may be asked for by many threads at once."""

    def __init__(self, read: Callable[[], Found]) -> None:
        self._read = read
        self._lock = Lock()
        self._known: list[Found] = []

    def get(self) -> Found:
        """It; raises what the reading raises, and is read again then."""
        with self._lock:
            if not self._known:
                self._known.append(self._read())
            return self._known[0]


class Beat(Generic[Found]):
    """Those who follow one trail, or all; used in the event loop."""

    def __init__(self, read: Callable[[], Found]) -> None:
        """`read` gives what all of them see until the next beat."""
        self._read = read
        self._loop = asyncio.get_running_loop()
        self._waiting: set[asyncio.Event] = set()
        self._struck_at = float("-inf")
        self._next: asyncio.TimerHandle | None = None
        self._moment = Moment(read)
        self._looks: dict[Hashable, Looking] = {}

    @property
    def is_heard(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    def join(self) -> asyncio.Event:
        """An event that is set with every beat, for one more follower, who sees what is there."""
        event = asyncio.Event()
        self._waiting.add(event)
        self._forget()
        return event

    def leave(self, event: asyncio.Event) -> None:
        """The follower is gone, and is not woken any more."""
        self._waiting.discard(event)

    def advance(self) -> None:
        """Something was recorded: all are woken, or will be when the pause is over."""
        if self._next is None:
            due = self._struck_at + LEAST_PAUSE_SECONDS + FOLLOWER_SECONDS * len(self._waiting)
            if due <= self._loop.time():
                self.strike()
            else:
                self._next = self._loop.call_at(due, self.strike)

    def strike(self) -> None:
        """All are woken; what they see is read anew."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        self._struck_at = self._loop.time()
        self._forget()
        for event in self._waiting:
            event.set()

    def _forget(self) -> None:
        self._moment = Moment(self._read)
        self._looks = {}

    async def look(self, look: Hashable, see: Callable[[Found], Seen]) -> Seen:
        """What is seen of this moment, for all who look for the same until the next beat."""
        looks, moment = self._looks, self._moment
        looking = looks.get(look)
        if looking is None:
            looking = asyncio.create_task(asyncio.to_thread(lambda: see(moment.get())))
            looks[look] = looking
            looking.add_done_callback(lambda done: _settle(looks, look, done))
        seen: Seen = looking.result() if looking.done() else await asyncio.shield(looking)
        return seen


def _settle(looks: dict[Hashable, Looking], look: Hashable, done: Looking) -> None:
    """Only what reaches to the end is asked for again soon."""
    failed = done.cancelled() or done.exception() is not None
    if failed or done.result().is_full or len(looks) > MOST_REMEMBERED:
        looks.pop(look)
