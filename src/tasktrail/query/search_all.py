"""Search across tasks, told as it goes: hits, and how much is searched of how much there is.

The task with the latest entry comes first, and within a task its newest entry; so what happened
last is found first, and a task's hits stand together. Tasks are searched in groups that grow: the
first is small, so that the first hits come at once, the others are large, so that bytes are read
quickly. After `limit` hits it goes on counting, until everything is searched or the time is over.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from threading import Event
from typing import Final

from msgspec import Struct

from tasktrail.errors import StorageFailed, TornEntry
from tasktrail.model.channels import CHANNELS
from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.query.needle import Needle
from tasktrail.query.rows import Row, row_at
from tasktrail.query.text_scan import Hit, Searched, Suspects, TextScan, suspects_of
from tasktrail.store.layout import Layout

FIRST_GROUP_BYTES: Final = 4 << 20
GROUP_GROWTH: Final = 4
LARGEST_GROUP_BYTES: Final = 1 << 30
LARGEST_GROUP_TRAILS: Final = 4_096  # a program's arguments are bounded
HITS_AT_ONCE: Final = 100
LOOKS_AT_ONCE: Final = 512  # between two looks at the clock
TELL_SECONDS: Final = 0.2


class SearchProgress(Struct, frozen=True):
    """How far the search is; `found` is the count of all hits once `ended` is complete."""

    shown: int = 0
    found: int = 0
    searched_bytes: int = 0
    total_bytes: int = 0
    searched_trails: int = 0
    total_trails: int = 0
    ended: str | None = None  # complete, time, stopped; `None` while it goes on


class SearchStep(Struct, frozen=True):
    """Hits that were found since the step before, and how far the search is."""

    hits: list[Row]
    progress: SearchProgress


class SearchTarget(Struct, frozen=True):
    """A trail to search: the sizes of its channels, and the place up to which it is recorded."""

    key: TrailKey
    sizes: Mapping[str, int]
    below: int
    hiding: Mapping[str, list[int]] | None  # where lines stand that may hide a text, if known

    @property
    def bytes(self) -> int:
        """How much there is to read."""
        return sum(self.sizes.values())


class SearchBounds(Struct, frozen=True):
    """How long and how much."""

    limit: int
    per_task: int | None
    seconds: float
    stop: Event | None


class Search:
    """One search over some trails; used once, by one thread."""

    def __init__(
        self,
        layout: Layout,
        targets: Sequence[SearchTarget],
        wanted: EntryFilter,
        bounds: SearchBounds,
    ) -> None:
        self._layout = layout
        self._targets = targets
        self._wanted = wanted
        self._needle = Needle(wanted)
        self._bounds = bounds
        self._deadline = time.monotonic() + bounds.seconds
        self._told_at = time.monotonic()
        self._waiting: list[Row] = []
        self._shown = self._found = self._searched_bytes = self._searched_trails = 0
        self._total_bytes = sum(one.bytes for one in targets)
        self._ended: str | None = None

    def run(self) -> Iterator[SearchStep]:
        """Steps; the last one says how the search ended."""
        below = {target.key: target.below for target in self._targets}
        for group in _groups(self._targets):
            trails = [Searched(one.key, one.sizes, one.hiding) for one in group]
            for suspects in suspects_of(self._layout, trails, self._needle):
                yield from self._search(suspects, below[suspects.key])
                if self._ended:
                    break
            if self._ended:
                break
        yield self._step(self._ended or "complete")

    def _search(self, suspects: Suspects, below: int) -> Iterator[SearchStep]:
        """The hits of one trail."""
        if any(places is None or places for places in suspects.places.values()):
            yield from self._look_at(suspects, below)
        if not self._ended:
            self._searched_bytes += sum(suspects.parts.values())
            self._searched_trails += 1
            self._check()
        if self._is_due():
            yield self._step(None)

    def _look_at(self, suspects: Suspects, below: int) -> Iterator[SearchStep]:
        of_task = 0
        try:
            with TextScan(self._layout, suspects, self._wanted, self._needle, below=below) as scan:
                for number, step in enumerate(scan.down(before=MAX_SEQ), 1):
                    if isinstance(step, Hit):
                        self._found += 1
                        of_task += 1
                        self._show(step, suspects.key, of_task)
                    if number % LOOKS_AT_ONCE == 0:
                        self._check()
                    if self._ended:
                        return
                    if self._is_due():
                        yield self._step(None)
        except StorageFailed:  # a trail that vanished or became shorter meanwhile
            return

    def _show(self, hit: Hit, key: TrailKey, of_task: int) -> None:
        """The hit's row waits to be told, where it is among those that are shown."""
        per_task = self._bounds.per_task
        if self._shown >= self._bounds.limit or (per_task is not None and of_task > per_task):
            return
        try:
            self._waiting.append(row_at(hit.line.line, CHANNELS[hit.channel], key))
        except TornEntry:
            return
        self._shown += 1

    def _check(self) -> None:
        """Whether the search has to end."""
        if self._bounds.stop is not None and self._bounds.stop.is_set():
            self._ended = "stopped"
        elif time.monotonic() > self._deadline:
            self._ended = "time"

    def _is_due(self) -> bool:
        """Whether it is time to tell something."""
        if len(self._waiting) >= HITS_AT_ONCE:
            return True
        return time.monotonic() - self._told_at > (TELL_SECONDS if not self._waiting else 0.02)

    def _step(self, ended: str | None) -> SearchStep:
        hits, self._waiting = self._waiting, []
        self._told_at = time.monotonic()
        return SearchStep(
            hits,
            SearchProgress(
                self._shown,
                self._found,
                self._searched_bytes,
                self._total_bytes,
                self._searched_trails,
                len(self._targets),
                ended,
            ),
        )


def _groups(targets: Sequence[SearchTarget]) -> Iterator[list[SearchTarget]]:
    """The trails in groups that are read at once, the first ones small."""
    group: list[SearchTarget] = []
    held, most = 0, FIRST_GROUP_BYTES
    for target in targets:
        if group and (held + target.bytes > most or len(group) >= LARGEST_GROUP_TRAILS):
            yield group
            group, held, most = [], 0, min(most * GROUP_GROWTH, LARGEST_GROUP_BYTES)
        group.append(target)
        held += target.bytes
    if group:
        yield group
