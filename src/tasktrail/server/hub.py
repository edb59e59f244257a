"""Followers of one server: woken when their trail advances, sharing what they read.

Nothing is queued for anybody. A follower is a place in a trail; whoever stands at the same place
with the same filter shares one read and one encoding.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

from tasktrail.model.codec import encode
from tasktrail.model.filters import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.server.backend import Backend, Batch

MAX_ENTRIES: Final = 500  # of one look; the knee lies at 100


class End(NamedTuple):
    """Where a trail ends now."""

    key: TrailKey
    head: int


class Look(NamedTuple):
    """What is looked at: a trail, through a filter, behind a place."""

    key: TrailKey
    wanted: EntryFilter
    after_seq: int


class Seen(NamedTuple):
    """A batch with its entries encoded once for all who look at it."""

    batch: Batch
    logs: bytes  # a JSON array

    @property
    def is_full(self) -> bool:
        """Whether more may be waiting behind it."""
        return self.batch.after_seq < self.batch.head


class Hub:
    """What the follow sockets of a server share."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._looks: dict[Look, asyncio.Task[Seen]] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """While it lasts, followers are woken; call it in the event loop."""
        loop = asyncio.get_running_loop()

        def advanced(trails: Mapping[TrailKey, int]) -> None:
            ids = [key.id for key in trails if key.family == "tasks"]
            if ids or not trails:
                loop.call_soon_threadsafe(self._wake, ids)

        unsubscribe = self.backend.watch.subscribe(advanced)
        try:
            yield
        finally:
            unsubscribe()

    def _wake(self, task_ids: list[str]) -> None:
        """An empty list says that any trail may have advanced."""
        for task_id in task_ids or list(self._waiting):
            for event in self._waiting.get(task_id, ()):
                event.set()

    @contextmanager
    def waiting(self, task_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the task may have advanced."""
        event = asyncio.Event()
        self._waiting.setdefault(task_id, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[task_id].discard(event)
            if not self._waiting[task_id]:
                del self._waiting[task_id]

    async def end_of(self, task_id: str) -> End:
        """The end of the task's trail; raises TaskNotFound."""
        return await asyncio.to_thread(self._end_of, task_id)

    def _end_of(self, task_id: str) -> End:
        key = self.backend.settled_reader().key(task_id)
        return End(key, self.backend.follow.head(key.id))

    async def look(self, look: Look) -> Seen:
        """What is there to see, read once for all who ask while it is being read."""
        task = self._looks.get(look)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(self._look, look))
            self._looks[look] = task
            task.add_done_callback(lambda _: self._looks.pop(look))
        return await asyncio.shield(task)

    def _look(self, look: Look) -> Seen:
        batch = self.backend.follow.next_batch(
            look.key.id, look.wanted, after_seq=look.after_seq, max_entries=MAX_ENTRIES
        )
        return Seen(batch, encode(batch.logs))
