"""Followers of one server: woken when a trail advances, sharing what they read.

Nothing is queued for anybody. A follower is a place; whoever stands at the same place with the same
filter shares one read and one encoding.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from tasktrail.model.codec import encode
from tasktrail.model.filters import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.server.backend import AllBatch, Backend, Batch

MAX_ENTRIES: Final = 500  # of one look; the knee lies at 100
ALL_TASKS: Final = None  # the topic of those who follow every trail


class End(NamedTuple):
    """Where a trail ends now."""

    key: TrailKey
    head: int


class Look(NamedTuple):
    """What is looked at: a trail, through a filter, behind a place."""

    key: TrailKey
    wanted: EntryFilter
    after_seq: int
    most: int = MAX_ENTRIES


class AllLook(NamedTuple):
    """The same over all trails, behind a cursor."""

    wanted: EntryFilter
    cursor: str
    most: int = MAX_ENTRIES


class Seen(NamedTuple):
    """A batch with its entries encoded once for all who look at it."""

    batch: Batch
    logs: bytes  # a JSON array

    @property
    def is_full(self) -> bool:
        """Whether more may be waiting behind it."""
        return self.batch.after_seq < self.batch.head


class AllSeen(NamedTuple):
    """What was recorded behind a cursor, in any trail; `None` when nothing was."""

    batch: AllBatch | None
    logs: bytes


class Hub:
    """What the follow sockets of a server share."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._waiting: dict[str | None, set[asyncio.Event]] = {}
        self._looks: dict[Hashable, asyncio.Task[Any]] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """While it lasts, followers are woken; call it in the event loop."""
        loop = asyncio.get_running_loop()

        def advanced(trails: Mapping[TrailKey, int]) -> None:
            ids = [key.id for key in trails if key.family == "tasks"] if trails else None
            loop.call_soon_threadsafe(self._wake, ids)

        unsubscribe = self.backend.watch.subscribe(advanced)
        try:
            yield
        finally:
            unsubscribe()

    def _wake(self, task_ids: list[str] | None) -> None:
        """`None` says that any trail may have advanced."""
        for topic in list(self._waiting) if task_ids is None else [*task_ids, ALL_TASKS]:
            for event in self._waiting.get(topic, ()):
                event.set()

    @contextmanager
    def waiting(self, topic: str | None) -> Iterator[asyncio.Event]:
        """An event that is set whenever the task, or for `None` any trail, may have advanced."""
        event = asyncio.Event()
        self._waiting.setdefault(topic, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    @property
    def followers(self) -> int:
        """How many wait for news."""
        return sum(map(len, self._waiting.values()))

    async def end_of(self, task_id: str) -> End:
        """The end of the task's trail; raises TaskNotFound."""
        return await asyncio.to_thread(self._end_of, task_id)

    def _end_of(self, task_id: str) -> End:
        key = self.backend.settled_reader().key(task_id)
        return End(key, self.backend.follow.head(key.id))

    async def head_of(self, key: TrailKey) -> int:
        """The trail's last seq."""
        return await asyncio.to_thread(self.backend.follow.head, key.id)

    async def end_of_all(self) -> str:
        """The cursor behind everything that was accepted before."""
        return await asyncio.to_thread(self._end_of_all)

    def _end_of_all(self) -> str:
        self.backend.settled_reader()
        return self.backend.follow_all.end()

    async def look(self, look: Look) -> Seen:
        """What is there to see, read once for all who ask while it is being read."""
        seen: Seen = await self._shared(look, lambda: self._look(look))
        return seen

    async def look_at_all(self, look: AllLook) -> AllSeen:
        """What was recorded behind the cursor; raises InvalidCursor."""
        seen: AllSeen = await self._shared(look, lambda: self._look_at_all(look))
        return seen

    async def _shared(self, look: Hashable, read: Callable[[], object]) -> Any:  # noqa: ANN401 - as read
        task = self._looks.get(look)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(read))
            self._looks[look] = task
            task.add_done_callback(lambda _: self._looks.pop(look))
        return await asyncio.shield(task)

    def _look(self, look: Look) -> Seen:
        batch = self.backend.follow.next_batch(
            look.key.id, look.wanted, after_seq=look.after_seq, max_entries=look.most
        )
        return Seen(batch, encode(batch.logs))

    def _look_at_all(self, look: AllLook) -> AllSeen:
        batch = self.backend.follow_all.next_batch(
            look.wanted, cursor=look.cursor, max_entries=look.most
        )
        return AllSeen(batch, encode(batch.logs if batch else []))
