"""A trail as it is recorded by now: what the index has of it, and the rest read from its files.

The rest goes through the very code that fills the index, into an index in memory that lives as long
as the view. So a view is one or two parts, the second begins after the last entry of the first, and
nothing above has to know whether the index is up to date, behind, or not there at all.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from msgspec import Struct

from tasktrail.errors import TaskNotFound
from tasktrail.index.advance import TrailReplaced, channel_sizes, waiting_bytes
from tasktrail.index.database import Queries
from tasktrail.index.entries import (
    Candidates,
    Counted,
    Mark,
    Moment,
    Pick,
    Pointer,
    Span,
    candidates_of,
    kinds_of,
    pairs_of,
)
from tasktrail.index.sqlite import SqliteDatabase
from tasktrail.index.tasks import TrailState, find_state
from tasktrail.index.writer import IndexWriter
from tasktrail.model.entry_filter import NOTHING, EntryFilter, fits_names
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task
from tasktrail.store.layout import Layout

ALL: Final = MAX_SEQ


class Part(Struct, frozen=True):
    """One index that knows a piece of the trail, and what it folds to up to its end."""

    queries: Queries
    state: TrailState


class Found(Struct, frozen=True):
    """The candidates of a filter in one part."""

    part: Part
    candidates: Candidates


class TrailView(Struct, frozen=True):
    """A trail, complete up to a moment; usable while its block is open."""

    key: TrailKey
    parts: list[Part]
    below: int  # the place in the spool before which it is complete
    base: Queries  # the index that lasts, which knows what is derived over all trails

    @property
    def task(self) -> Task:
        """What the trail folds to."""
        return self.parts[-1].state.task

    @property
    def head(self) -> int:
        """The seq of its last entry."""
        return self.parts[-1].state.as_of

    @property
    def updated(self) -> int:
        """When its last entry was recorded, in µs since the epoch."""
        return self.parts[-1].state.updated

    @property
    def places(self) -> dict[str, int]:
        """Where the line behind its last one begins in each of its channels."""
        return dict(self.parts[-1].state.places)

    @property
    def damaged(self) -> int:
        """How many of its lines could not be read."""
        return self.parts[-1].state.damaged

    def kinds(self) -> list[Counted]:
        """What its entries are, and how many of each."""
        return [one for part in self.parts for one in kinds_of(part.queries, part.state.number)]

    def pairs(self) -> list[Counted]:
        """The same with whom they belong to, in the order in which they appeared."""
        return [one for part in self.parts for one in pairs_of(part.queries, part.state.number)]

    def select(self, wanted: EntryFilter, pick: Pick | None = None) -> "Selection":
        """The entries that the filter lets through, wherever they are; its text is not looked at.

        `pick` leaves out entries of some kinds and labels.
        """
        if not fits_names(wanted, {"task_id": self.key.id if self.key.family == "tasks" else None}):
            wanted = NOTHING
        return Selection(
            [
                Found(part, candidates_of(part.queries, part.state.number, wanted, pick))
                for part in self.parts
            ]
        )


class Selection:
    """Entries of a view that match; the parts one after the other are the trail in its order."""

    def __init__(self, found: list[Found]) -> None:
        self._found = found

    def count(self) -> int:
        """How many there are, wherever they are."""
        return sum(one.candidates.total(one.part.queries) for one in self._found)

    def count_before(self, seq: int) -> int:
        """How many there are before that seq."""
        span = Span(before=seq)
        return sum(one.candidates.count(one.part.queries, span) for one in self._found)

    def channels(self) -> set[str]:
        """The channels in which they stand."""
        return {name for one in self._found for name in one.candidates.channels.values()}

    def counted(self) -> list[Counted]:
        """What they are, and how many of each."""
        return [more for one in self._found for more in one.candidates.counted(one.part.queries)]

    def times(self) -> tuple[int, int, int]:
        """How many there are, and the first and last of their times, 0 where there are none."""
        each = [one.candidates.times(one.part.queries) for one in self._found]
        some = [one for one in each if one[0]]
        return (
            sum(one[0] for one in some),
            min((one[1] for one in some), default=0),
            max((one[2] for one in some), default=0),
        )

    def histogram(self, start: int, width: int) -> list[tuple[int, ...]]:
        """Per stretch of time and level's rank: how many, the first seq and the last."""
        return [
            row
            for one in self._found
            for row in one.candidates.histogram(one.part.queries, start, width)
        ]

    def up(self, *, after: int, before: int, limit: int, offset: int = 0) -> list[Pointer]:
        """Those between the two, oldest first."""
        return self._gather(self._found, "up", Span(after, before, limit, offset))

    def down(self, *, after: int, before: int, limit: int, offset: int = 0) -> list[Pointer]:
        """Those between the two, newest first."""
        return self._gather(self._found[::-1], "down", Span(after, before, limit, offset))

    @staticmethod
    def _gather(found: list[Found], way: str, span: Span) -> list[Pointer]:
        """From each part in turn, until there are enough."""
        pointers: list[Pointer] = []
        for one in found:
            left = span._replace(limit=span.limit - len(pointers))
            if left.limit <= 0:
                break
            more = one.candidates.pointers(one.part.queries, way, left)
            pointers += more
            if more:
                span = span._replace(offset=0)
            elif span.offset:
                passed = one.candidates.count(one.part.queries, span)
                span = span._replace(offset=span.offset - passed)
        return pointers

    def seqs(self, *, after: int, before: int, limit: int) -> list[int]:
        """The seqs of those between the two, oldest first."""
        seqs: list[int] = []
        for one in self._found:
            span = Span(after, before, limit - len(seqs))
            seqs += one.candidates.seqs(one.part.queries, span) if span.limit > 0 else []
        return seqs

    def moments(self, *, size: int) -> Iterator[Moment]:
        """When each of them was, oldest first; so many are held at once."""
        for one in self._found:
            span = Span(limit=size)
            while moments := one.candidates.moments(one.part.queries, span):
                yield from moments
                span = span._replace(after=moments[-1].seq)

    def marks(self, *, limit: int) -> list[Mark]:
        """The first of them, oldest first; of whom is known where a `pick` was given."""
        marks: list[Mark] = []
        for one in self._found:
            span = Span(limit=limit - len(marks))
            marks += one.candidates.marks(one.part.queries, span) if span.limit > 0 else []
        return marks

    def batches(self, *, after: int, before: int, size: int) -> Iterator[list[Pointer]]:
        """All of those between the two, oldest first, so many at once."""
        while pointers := self.up(after=after, before=before, limit=size):
            yield pointers
            after = pointers[-1].seq


@contextmanager
def trail_view(
    layout: Layout, queries: Queries, key: TrailKey, *, below: int
) -> Iterator[TrailView]:
    """A block with the trail as it is recorded before that place in the spool.

    Raises TaskNotFound when nothing of it is recorded.
    """
    sizes = channel_sizes(layout, key)
    if sizes is None:
        raise TaskNotFound(f"no trail {key.name} is recorded")
    state = find_state(queries, key)
    try:
        waiting = waiting_bytes(sizes, state.places if state else {})
    except TrailReplaced:
        state, waiting = None, 1
    with ExitStack() as stack:
        parts = [Part(queries, state)] if state else []
        rest = stack.enter_context(_rest(layout, key, state, below)) if waiting else None
        if rest is not None:
            if state is None or rest.state.number != state.number:  # read from the start again
                parts.clear()
            parts.append(rest)
        if not parts:
            raise TaskNotFound(f"no trail {key.name} is recorded")
        yield TrailView(key, parts, below, queries)


@contextmanager
def _rest(
    layout: Layout, key: TrailKey, state: TrailState | None, below: int
) -> Iterator[Part | None]:
    """A block with what comes after the state, `None` when nothing does."""
    memory = SqliteDatabase(None)
    try:
        with memory.writing() as writing:
            writer = IndexWriter(writing, layout, derived=())
            if state is not None:
                writer.take_over(state)
            writer.advance(key, below=below, max_entries=ALL)
            writer.flush()
        with memory.snapshot() as queries:
            found = find_state(queries, key)
            is_new = found is not None and (state is None or found.places != state.places)
            yield Part(queries, found) if found is not None and is_new else None
    finally:
        memory.close()
