"""Trails as they are recorded by now, whatever the state of the index.

What the index does not have yet is waited for, a moment at most, or read from the trails. When the
indexer does not come after in time and too many trails advanced to look at them all, an answer over
several trails says `behind`. An index that is damaged is as good as none.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from tasktrail.errors import TaskNotFound
from tasktrail.index.advance import TrailReplaced, channel_sizes, waiting_bytes
from tasktrail.index.database import IndexDamaged, Queries
from tasktrail.index.state import Index, positions_of
from tasktrail.index.tasks import find_state
from tasktrail.model.channels import API_CALLS, EVENTS
from tasktrail.model.ids import TrailKey, partition_of
from tasktrail.query.rows import Row
from tasktrail.query.snapshot import Snapshot
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

Answer = TypeVar("Answer")


class PresentTrails:
    """Asks questions of trails; may be used by many threads at once."""

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

    def ask_index(self, question: Callable[[Queries], Answer]) -> Answer:
        """The answer of the index, once it has what is recorded, or after a moment."""
        self.wait_for(self.recorded())
        return self.ask(question)

    def key(self, trail_id: str, *, family: str = "tasks") -> TrailKey:
        """The trail of that id, or of that `~` directory name; raises TaskNotFound."""
        key = find_trail(self.layout, family, trail_id)
        if key is None:
            raise TaskNotFound(f"expected a trail {trail_id[:200]!r} in {family}, there is none")
        return key

    def recorded_for(self, key: TrailKey) -> int:
        """The place before which everything of the trail is recorded: higher when it advanced."""
        return self._recorded(self.p_of(key))

    def on_trail(
        self,
        key: TrailKey,
        answer: Callable[[TrailView], Answer],
        *,
        below: int | None = None,
        may_wait: bool = True,
    ) -> Answer:
        """The answer to a question about one trail, as it is recorded by now."""
        p = self.p_of(key)
        recorded = self._recorded(p) if below is None else below
        if may_wait and self._is_far_behind(key, p, recorded):
            self.wait_for({p: recorded})

        def ask_it(queries: Queries) -> Answer:
            with trail_view(self.layout, queries, key, below=recorded) as view:
                return answer(view)

        return self.ask(ask_it)

    def wait_for_costs(self, key: TrailKey) -> None:
        """Returns when the index has what the trail tells of costs, or after a moment."""
        with self._index.snapshot() as queries:
            state = find_state(queries, key)
        places = state.places if state else {}
        sizes = channel_sizes(self.layout, key) or {}
        if any(sizes.get(name, 0) > places.get(name, 0) for name in (API_CALLS, EVENTS)):
            self.wait_for({self.p_of(key): self.recorded_for(key)})

    def settled(self, question: Callable[[Queries], Row]) -> Row:
        """The answer by the index once it has all, else with the remark that it is behind."""
        recorded = self.recorded()
        self.wait_for(recorded)
        answer = self.ask(question)
        if _lagging(self._index.positions(), recorded):
            answer["behind"] = True
        return answer

    def over(
        self,
        find: Callable[[Snapshot], list[TrailKey]],
        answer: Callable[[Snapshot, list[TrailKey]], Row],
    ) -> Row:
        """An answer over several trails, as they are recorded by now."""
        recorded = self.recorded()
        self.wait_for(recorded)

        def ask_it(queries: Queries) -> Row:
            ahead = self.ahead(positions_of(queries), recorded)
            found = Snapshot(self.layout, queries, lambda key: recorded[self.p_of(key)])
            trails = find(found)
            trails += [key for key in ahead or () if key not in trails]
            said = answer(found, trails)
            return said if ahead is not None else said | {"behind": True}

        return self.ask(ask_it)

    def ask(self, question: Callable[[Queries], Answer]) -> Answer:
        """The answer by one snapshot of the index, or by the trails alone when it is damaged."""
        try:
            with self._index.snapshot() as queries:
                return question(queries)
        except IndexDamaged:
            with self._index.empty() as queries:
                return question(queries)

    def p_of(self, key: TrailKey) -> int:
        """The partition that records the trail."""
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

    def wait_for(self, recorded: Mapping[int, int]) -> None:
        """Returns when the index has come that far, or after the time that may be waited."""
        deadline = time.monotonic() + self._wait_seconds
        wait = FIRST_WAIT_SECONDS
        while _lagging(self._index.positions(), recorded):
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(wait, left))
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    def ahead(
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
