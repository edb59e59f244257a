"""What a follower follows: one task behind a seq, or all of them behind a cursor.

A stream knows its place and its filter, and puts what it sees into messages. It knows neither the
socket nor time; a filter that changes while it looks holds at once.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, Protocol

from msgspec.structs import replace

from tasktrail.errors import InvalidFilter
from tasktrail.model.codec import encode
from tasktrail.model.filters import EntryFilter
from tasktrail.model.statuses import TERMINAL
from tasktrail.server.backend import Batch
from tasktrail.server.hub import ALL_TASKS, AllLook, End, Hub, Look, Seen

EVERYTHING: Final = EntryFilter()


class Wish(NamedTuple):
    """What a client asks for: which entries, from where, and its own name for that."""

    wanted: EntryFilter
    gen: object = 0
    cursor: str | None = None  # of all tasks; of one task the filter says `after_seq`
    max_behind: int | None = None


class Told(NamedTuple):
    """What one look gives to tell: messages, how many entries are in them, and if there is more."""

    messages: list[str | bytes]
    entries: int
    has_more: bool


class Stream(Protocol):
    """One of the two; every method may raise TasktrailError."""

    @property
    def topic(self) -> str | None:
        """What to wait for at the hub."""

    def hello(self) -> str:
        """The first message: where everything stands, and the follower."""

    async def next(self, most: int) -> Told:
        """What is there now, about `most` entries of it."""

    async def skip(self, least: int) -> str | None:
        """To the end, told as `lag`, when it is further away than so many entries."""

    def pulse(self) -> str:
        """A message that says no more than that everything is alive."""

    async def refilter(self, wish: Wish) -> None:
        """From now on another filter holds, and where the wish says so another place.

        Raises InvalidCursor, and then nothing has changed.
        """


class TaskStream:
    """A task's entries behind a seq."""

    def __init__(self, hub: Hub, end: End, wish: Wish) -> None:
        self._hub = hub
        self._key = end.key
        self._head = end.head
        self._counts: object = None
        self._after = end.head
        self._wanted, self._gen = EVERYTHING, wish.gen
        self._told_head = -1
        self._told_end: str | None = None
        self._max_behind: int | None = None
        self._take(wish)

    @property
    def topic(self) -> str | None:
        """The task."""
        return self._key.id

    def hello(self) -> str:
        """The task, its head, and where the follower stands."""
        place = {"task_id": self._key.id, "head": self._head, "after_seq": self._after}
        return message("hello", **place, generation=self._hub.backend.generation)

    async def refilter(self, wish: Wish) -> None:
        """Another filter; without `after_seq` from here on."""
        self._take(wish)

    def _take(self, wish: Wish) -> None:
        self._gen = wish.gen
        if wish.wanted.after_seq is not None:
            self._after = wish.wanted.after_seq
        self._wanted = replace(wish.wanted, after_seq=None)
        self._max_behind = wish.max_behind or self._max_behind

    async def next(self, most: int) -> Told:
        """The next batch, what of it cannot be read, and what is new about the trail."""
        look = Look(self._key, self._wanted, self._after, most, self._max_behind)
        gen = self._gen
        seen = await self._hub.look(look)
        if (look.wanted, look.after_seq, gen) != (self._wanted, self._after, self._gen):
            return Told([], 0, has_more=True)  # the client changed its mind meanwhile
        self._after = max(self._after, seen.batch.after_seq)
        self._head, self._counts = seen.batch.head, seen.batch.counts
        lag = [self._lag(look.after_seq, seen.began)] if seen.began > look.after_seq else []
        return Told([*lag, *self._messages(seen, look)], len(seen.batch.logs), seen.is_full)

    def _messages(self, seen: Seen, look: Look) -> Iterator[str | bytes]:
        batch = seen.batch
        if batch.logs:
            place = {"gen": self._gen, "from": seen.began + 1, "to": batch.after_seq}
            yield seen.words.behind(encode({"type": "batch"} | place))
        if look.wanted == EVERYTHING:
            for first, last in gaps_in(batch, seen.began):
                yield message("gap", **{"from": first, "to": last})
        if seen.is_full:
            return
        if batch.head != self._told_head:
            yield self.pulse()
        status = batch.status if batch.status in TERMINAL else None
        if status != self._told_end:
            self._told_end = status
            if status:
                yield message("end", status=status)

    async def skip(self, least: int) -> str | None:
        """To the head, when more than so many entries lie before it."""
        head = await self._hub.head_of(self._key)
        before = self._after
        if head - before <= least:
            return None
        self._after = head
        return self._lag(before, head)

    def _lag(self, before: int, after: int) -> str:
        skipped = {"from": before + 1, "to": after, "skipped": after - before}
        return message("lag", gen=self._gen, **skipped)

    def pulse(self) -> str:
        """The head and the counts."""
        self._told_head = self._head
        return message("head", gen=self._gen, head=self._head, counts=self._counts)


class AllStream:
    """Everything that is recorded behind a cursor, whatever the task."""

    def __init__(self, hub: Hub, end: str, wish: Wish) -> None:
        self._hub = hub
        self._cursor = end
        self._wanted, self._gen = wish.wanted, wish.gen

    @property
    def topic(self) -> str | None:
        """Every trail."""
        return ALL_TASKS

    def hello(self) -> str:
        """Where the follower stands."""
        generation = self._hub.backend.generation
        return message("hello", cursor=self._cursor, generation=generation)

    async def refilter(self, wish: Wish) -> None:
        """Another filter; without a cursor from here on. Raises InvalidFilter for a bound."""
        if wish.max_behind is not None:
            raise InvalidFilter("max_behind: expected one task, over all tasks nobody counts")
        if wish.cursor:
            await self._hub.look_at_all(AllLook(wish.wanted, wish.cursor, most=0))
        self._gen = wish.gen
        self._cursor = wish.cursor or self._cursor
        self._wanted = wish.wanted

    async def next(self, most: int) -> Told:
        """The next batch, and a word when it passed over something."""
        look, gen = AllLook(self._wanted, self._cursor, most), self._gen
        seen = await self._hub.look_at_all(look)
        batch = seen.batch
        if (look.wanted, look.cursor, gen) != (self._wanted, self._cursor, self._gen):
            return Told([], 0, has_more=True)
        if batch is None:
            return Told([], 0, has_more=False)
        messages: list[str | bytes] = [message("gap", gen=gen)] if batch.has_gap else []
        self._cursor = batch.cursor
        if batch.logs:
            start = encode({"type": "batch", "gen": gen, "cursor": batch.cursor})
            messages.append(seen.words.behind(start))
        return Told(messages, len(batch.logs), has_more=seen.is_full)

    async def skip(self, least: int) -> str | None:
        """To the end, when anything lies before it: over all trails nobody counts."""
        del least
        before, end = self._cursor, await self._hub.end_of_all()
        if before == end:
            return None
        self._cursor = end
        return message("lag", gen=self._gen, cursor_from=before, cursor=end, skipped=None)

    def pulse(self) -> str:
        """The cursor, also past entries that did not match."""
        return message("head", gen=self._gen, cursor=self._cursor)


def gaps_in(batch: Batch, from_seq: int) -> Iterator[tuple[int, int]]:
    """The first and last seq of each run of entries that an unfiltered look did not find."""
    if batch.after_seq - from_seq == len(batch.logs):  # each is there
        return
    last = from_seq
    for seq in [*(entry["seq"] for entry in batch.logs), batch.after_seq + 1]:
        if isinstance(seq, int):
            if seq > last + 1:
                yield last + 1, seq - 1
            last = seq


def message(kind: str, **fields: object) -> str:
    """A message to a client."""
    return encode({"type": kind} | fields).decode()


def fields_of(value: Mapping[str, object]) -> dict[str, list[str]]:
    """A client's message as a query string would say it."""
    return {name: _texts(one) for name, one in value.items()}


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
