"""Followers of one server: woken when a trail advances, sharing what they read.

Nothing is queued for anybody. A follower is a place; whoever stands at the same place with the same
filter shares one read and one encoding.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple

from tasktrail.model.codec import encode
from tasktrail.model.filters import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.server.backend import AllBatch, Backend, Batch, TrailEnd
from tasktrail.server.beats import Beat

MAX_ENTRIES: Final = 500  # of one look; the knee lies at 100
LOOK_AGAIN_SECONDS: Final = 5.0  # in case the word that a trail advanced was lost
MOST_HEADS: Final = 10_000  # that are remembered
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
    max_behind: int | None = None  # of more than these, only the newest are looked at

    def begins_at(self, head: int) -> int:
        """Behind which place, of a trail that ends there."""
        if self.max_behind is None or head - self.after_seq <= self.max_behind:
            return self.after_seq
        return head - min(self.max_behind, self.most)


class AllLook(NamedTuple):
    """The same over all trails, behind a cursor."""

    wanted: EntryFilter
    cursor: str
    most: int = MAX_ENTRIES


class Words:
    """Entries that were looked at, as they are sent to all who asked for the same."""

    def __init__(self, logs: bytes) -> None:
        self._logs = logs  # a JSON array
        self._messages: dict[bytes, bytes] = {}

    def behind(self, start: bytes) -> bytes:
        """The message that begins like this JSON object and holds the entries; made once."""
        known = self._messages.get(start)
        if known is None:
            known = self._messages[start] = b'%b,"logs":%b}' % (start[:-1], self._logs)
        return known


class Seen(NamedTuple):
    """A batch with its entries put into words once for all who look at it."""

    batch: Batch
    words: Words
    began: int  # behind which place

    @property
    def is_full(self) -> bool:
        """Whether more may be waiting behind it."""
        return self.batch.after_seq < self.batch.head


class AllSeen(NamedTuple):
    """What was recorded behind a cursor, in any trail; `None` when nothing was."""

    batch: AllBatch | None
    words: Words
    is_full: bool


class Hub:
    """What the follow sockets of a server share."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._beats: dict[str | None, Beat[Any]] = {}
        self._heads: dict[TrailKey, int] = {}  # as they were told last

    @contextmanager
    def running(self) -> Iterator[None]:
        """While it lasts, followers are woken; call it in the event loop."""
        loop = asyncio.get_running_loop()

        def advanced(trails: Mapping[TrailKey, int]) -> None:
            loop.call_soon_threadsafe(self._hear, trails)

        unsubscribe = self.backend.watch.subscribe(advanced)
        looking_again = asyncio.create_task(self._look_again())
        try:
            yield
        finally:
            looking_again.cancel()
            unsubscribe()

    def _hear(self, trails: Mapping[TrailKey, int]) -> None:
        """What is told twice wakes nobody again: our recorder's words come from its files, too."""
        news = {key: head for key, head in trails.items() if self._heads.get(key) != head}
        if trails and not news:
            return
        if len(self._heads) >= MOST_HEADS:
            self._heads.clear()
        self._heads |= news
        self._wake([key.id for key in news if key.family == "tasks"] if news else None)

    def _wake(self, task_ids: list[str] | None) -> None:
        """`None` says that any trail may have advanced."""
        for topic in list(self._beats) if task_ids is None else [*task_ids, ALL_TASKS]:
            beat = self._beats.get(topic)
            if beat is not None:
                beat.advance()

    async def _look_again(self) -> None:
        """Everybody is woken now and then, whatever was told."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            self._wake(None)

    @contextmanager
    def waiting(self, topic: str | None) -> Iterator[asyncio.Event]:
        """An event that is set whenever the task, or for `None` any trail, may have advanced."""
        beat = self._beat_of(topic)
        event = beat.join()
        try:
            yield event
        finally:
            beat.leave(event)
            if not beat.is_heard:
                self._beats.pop(topic, None)

    def _beat_of(self, topic: str | None) -> Beat[Any]:
        beat = self._beats.get(topic)
        if beat is None:
            beat = self._beats[topic] = Beat(self._moment_of(topic))
        return beat

    def _moment_of(self, topic: str | None) -> Callable[[], object]:
        """What gives the end that the followers of the topic see."""
        if topic is None:
            return self.backend.follow_all.recorded
        return partial(self.backend.follow.end, topic)

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
        """What is there to see, read once for all who ask until the next beat."""
        return await self._looking_at(look.key.id).look(look, partial(self._look, look))

    async def look_at_all(self, look: AllLook) -> AllSeen:
        """What was recorded behind the cursor; raises InvalidCursor."""
        return await self._looking_at(ALL_TASKS).look(look, partial(self._look_at_all, look))

    def _looking_at(self, topic: str | None) -> Beat[Any]:
        """The beat that its followers hear, or for one that does not wait one of its own."""
        return self._beats.get(topic) or Beat(self._moment_of(topic))

    def _look(self, look: Look, end: TrailEnd) -> Seen:
        began = look.begins_at(end.head)
        batch = self.backend.follow.next_batch(
            look.key.id, look.wanted, after_seq=began, max_entries=look.most, end=end
        )
        return Seen(batch, Words(encode(batch.logs)), began)

    def _look_at_all(self, look: AllLook, recorded: dict[int, int]) -> AllSeen:
        batch = self.backend.follow_all.next_batch(
            look.wanted, cursor=look.cursor, max_entries=look.most, recorded=recorded
        )
        logs = batch.logs if batch else []
        return AllSeen(batch, Words(encode(logs)), is_full=len(logs) >= look.most)
