"""The reader: the only way anything is read.

The index says which entries, the trail says what they are. Every answer holds all that was recorded
when it was asked for: what the index does not have yet is read from the trails. Only a list of
tasks cannot wait for ever: when the indexer does not come after within `wait_seconds`, and too many
trails advanced to look at them all, the answer says `behind`. No answer depends on the index's age.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypedDict, TypeVar, Unpack

from tasktrail.errors import EntryNotFound, TaskNotFound
from tasktrail.index.advance import TrailReplaced, channel_sizes, waiting_bytes
from tasktrail.index.database import IndexDamaged, Queries
from tasktrail.index.rollups import sources_of, stats_of
from tasktrail.index.state import Index, positions_of
from tasktrail.index.tasks import find_state
from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.model.ids import TrailKey, partition_of
from tasktrail.model.page import DEFAULT_LIMIT, Paging
from tasktrail.query.kept import dead_rows, hold_rows
from tasktrail.query.pages import page_of, read_rows
from tasktrail.query.rows import Row
from tasktrail.query.sections import sections_of
from tasktrail.query.task_pages import Ahead, look_ahead, summary_in, task_page
from tasktrail.query.trail_view import TrailView, trail_view
from tasktrail.store.catalog import find_trail
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root
from tasktrail.store.touched import read_touched

FIRST_WAIT_SECONDS: Final = 0.002
LONGEST_WAIT_SECONDS: Final = 0.05
READ_AT_ONCE_BYTES: Final = 1 << 18  # what is quicker read from the trail than waited for
MOST_TRAILS_AHEAD: Final = 200  # how many trails a list looks at itself
EVERY_ENTRY: Final = EntryFilter()
EVERY_TASK: Final = TaskFilter()

Answer = TypeVar("Answer")


class PageWords(TypedDict, total=False):
    """The words of `Paging`, as arguments of a question."""

    limit: int
    offset: int
    order: str
    cursor: str | None
    preview: int | None


class Reader:
    """Answers questions about trails; may be used by many threads at once."""

    def __init__(
        self, layout: Layout, root: Root, index: Index, *, wait_seconds: float = 1.0
    ) -> None:
        self.layout = layout
        self._root = root
        self._index = index
        self._wait_seconds = wait_seconds

    @property
    def is_behind(self) -> bool:
        """Whether something is recorded that the index does not have yet."""
        return bool(_lagging(self._index.positions(), self.recorded()))

    def recorded(self) -> dict[int, int]:
        """The place in each partition's spool before which everything is recorded."""
        return {p: self._recorded(p) for p in range(self._root.partitions)}

    def tasks(
        self,
        wanted: TaskFilter = EVERY_TASK,
        *,
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> Row:
        """`tasks`, newest first, `total_count` and `next_cursor`; raises InvalidCursor."""
        paging, recorded = Paging(limit=limit, cursor=cursor), self.recorded()
        self._await(recorded)

        def answer(queries: Queries) -> Row:
            trails = self._ahead(positions_of(queries), recorded)
            ahead = look_ahead(self.layout, queries, trails) if trails else Ahead()
            page = task_page(self.layout, queries, wanted, paging, ahead)
            return page if trails is not None else page | {"behind": True}

        return self._ask(answer)

    def task(self, task_id: str) -> Row:
        """The task's summary with its `last_message`; raises TaskNotFound."""
        return self.on_trail(self.key(task_id), lambda view: summary_in(self.layout, view))

    def logs(
        self, task_id: str, wanted: EntryFilter = EVERY_ENTRY, **paging: Unpack[PageWords]
    ) -> Row:
        """`task_id`, `total_count`, `logs`, `next_cursor`; raises TaskNotFound, InvalidCursor."""
        key = self.key(task_id)
        return {"task_id": key.id} | self._page(key, wanted, Paging(**paging))

    def session_logs(
        self, session_id: str, wanted: EntryFilter = EVERY_ENTRY, **paging: Unpack[PageWords]
    ) -> Row:
        """The same of a session's own trail, with `session_id`."""
        key = self.key(session_id, family="sessions")
        return {"session_id": key.id} | self._page(key, wanted, Paging(**paging))

    def _page(self, key: TrailKey, wanted: EntryFilter, paging: Paging) -> Row:
        return self.on_trail(key, lambda view: page_of(self.layout, view, wanted, paging))

    def stats(self, task_id: str) -> Row:
        """`total`, `by_level`, `by_source` and `by_stage`; raises TaskNotFound."""
        return self.on_trail(self.key(task_id), lambda view: stats_of(view.kinds()))

    def sources(self, task_id: str) -> list[str]:
        """Every source of the task's entries, once; raises TaskNotFound."""
        return self.on_trail(self.key(task_id), lambda view: sources_of(view.kinds()))

    def entry(self, task_id: str, seq: int) -> Row:
        """One entry, whole; raises TaskNotFound or EntryNotFound."""
        key = self.key(task_id)

        def answer(view: TrailView) -> Row:
            found = view.select(EVERY_ENTRY).up(after=seq - 1, before=seq + 1, limit=1)
            rows = read_rows(self.layout, key, found, preview=None).rows
            if not rows:
                raise EntryNotFound(f"expected an entry {seq} in {key.name}, there is none")
            return rows[0]

        return self.on_trail(key, answer)

    def sections(self, task_id: str) -> Row:
        """The whole task in sections, those that have something in them; raises TaskNotFound."""
        key = self.key(task_id)
        below = self.recorded_for(key)
        return self.on_trail(
            key, lambda view: sections_of(self.layout, view, below=below), below=below
        )

    def holds(self) -> Iterator[Row]:
        """Every webhook flow that no task has claimed."""
        return hold_rows(self.layout)

    def dead(self) -> Iterator[Row]:
        """Every dead letter, with its bytes in base64."""
        return dead_rows(self.layout)

    def key(self, trail_id: str, *, family: str = "tasks") -> TrailKey:
        """The trail of that id, or of that `~` directory name; raises TaskNotFound."""
        key = find_trail(self.layout, family, trail_id)
        if key is None:
            raise TaskNotFound(f"expected a trail {trail_id[:200]!r} in {family}, there is none")
        return key

    def recorded_for(self, key: TrailKey) -> int:
        """The place before which everything of the trail is recorded: higher when it advanced."""
        return self._recorded(self._partition(key))

    def on_trail(
        self,
        key: TrailKey,
        answer: Callable[[TrailView], Answer],
        *,
        below: int | None = None,
        may_wait: bool = True,
    ) -> Answer:
        """The answer to a question about one trail, as it is recorded by now."""
        p = self._partition(key)
        recorded = self._recorded(p) if below is None else below
        if may_wait and self._is_far_behind(key, p, recorded):
            self._await({p: recorded})

        def ask(queries: Queries) -> Answer:
            with trail_view(self.layout, queries, key, below=recorded) as view:
                return answer(view)

        return self._ask(ask)

    def _ask(self, question: Callable[[Queries], Answer]) -> Answer:
        """The answer by one snapshot of the index, or by the trails alone when it is damaged."""
        try:
            with self._index.snapshot() as queries:
                return question(queries)
        except IndexDamaged:
            with self._index.empty() as queries:
                return question(queries)

    def _partition(self, key: TrailKey) -> int:
        return partition_of(key.id, self._root.partitions)

    def _recorded(self, p: int) -> int:
        checkpoint = read_checkpoint(self.layout, p)
        return checkpoint.pos if checkpoint else 0

    def _is_far_behind(self, key: TrailKey, p: int, recorded: int) -> bool:
        """Whether the indexer is to be waited for: more waits in the trail than is read at once."""
        with self._index.snapshot() as queries:
            if positions_of(queries).get(p, 0) >= recorded:
                return False
            state = find_state(queries, key)
        try:
            sizes = channel_sizes(self.layout, key) or {}
            return waiting_bytes(sizes, state.places if state else {}) > READ_AT_ONCE_BYTES
        except TrailReplaced:
            return True

    def _await(self, recorded: Mapping[int, int]) -> None:
        """Returns when the index has come that far, or after the time that may be waited."""
        deadline = time.monotonic() + self._wait_seconds
        wait = FIRST_WAIT_SECONDS
        while _lagging(self._index.positions(), recorded):
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(wait, left))
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    def _ahead(
        self, indexed: Mapping[int, int], recorded: Mapping[int, int]
    ) -> dict[TrailKey, int] | None:
        """Trails that the index may not have whole, with the place to read up to; `None`: many."""
        trails: dict[TrailKey, int] = {}
        for p in _lagging(indexed, recorded):
            batches = read_touched(self.layout, p, after=indexed.get(p, 0))
            if batches is None:
                return None
            for batch in batches:
                trails |= dict.fromkeys(batch.heads(), recorded[p])
            if len(trails) > MOST_TRAILS_AHEAD:
                return None
        return trails


def _lagging(indexed: Mapping[int, int], recorded: Mapping[int, int]) -> list[int]:
    """The partitions that are recorded further than they are indexed."""
    return [p for p, pos in recorded.items() if indexed.get(p, 0) < pos]
