"""Search across tasks, told as it goes: hits, and how much is searched of how much there is.

The task with the latest entry comes first, and within a task its newest entry; so what happened
last is found first, and a task's hits stand together. Tasks are searched in groups that grow: the
first is small, so that the first hits come at once, the others are large, so that bytes are read
quickly. After `limit` hits it goes on counting as far as that costs little, or until everything is
searched or the time is over. A filter without text reads no bytes but those of what it shows.
"""

import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from threading import Event
from typing import Final, Protocol

from msgspec import Struct

from tasktrail.errors import StorageFailed, TaskNotFound, TornEntry
from tasktrail.model.channels import CHANNELS
from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.search_progress import SearchProgress
from tasktrail.query.needle import Needle
from tasktrail.query.rows import Row, row_at
from tasktrail.query.text_scan import Hit, Sized, Suspects, TextScan, ask_about, suspects_of
from tasktrail.store.byte_search import Question
from tasktrail.store.layout import Layout

FIRST_GROUP_BYTES: Final = 4 << 20
GROUP_GROWTH: Final = 4
LARGEST_GROUP_BYTES: Final = 1 << 30
LARGEST_GROUP_TRAILS: Final = 4_096  # a program's arguments are bounded
HITS_AT_ONCE: Final = 100
LOOKS_AT_ONCE: Final = 512  # between two looks at the clock
MOST_COUNTED: Final = 20_000  # suspects that are looked at once everything is shown that is wanted
SUSPECTS_PER_TRAIL: Final = 10  # to open one costs as much
MOST_OF_TASK: Final = 10_000  # hits of one task that are counted where tasks are listed
TELL_SECONDS: Final = 0.2


_Asked = tuple[Sequence[Sized], Question | None]  # a group, and what was asked about it


class SearchStep(Struct, frozen=True):
    """Hits or tasks that were found since the step before, and how far the search is."""

    hits: list[Row]
    progress: SearchProgress
    tasks: list[Row] = []
    titles: Mapping[str, str] = {}  # of the tasks of these hits, as far as the index knows them


class SearchTarget(Struct, frozen=True):
    """A trail to search: the sizes of its channels, and the place up to which it is recorded."""

    key: TrailKey
    sizes: Mapping[str, int]
    below: int
    matching: int | None = None  # how many entries match all but the text, where the index tells
    title: str | None = None

    @property
    def bytes(self) -> int:
        """How much there is to read."""
        return sum(self.sizes.values())


class SearchBounds(Struct, frozen=True):
    """How long and how much."""

    limit: int = 100
    per_task: int | None = None
    seconds: float = 10.0
    stop: Event | None = None
    by_task: bool = False  # tasks are shown, each with how many hits it has


class _OfTrail(Struct):
    """What was found in the trail that is searched now."""

    key: TrailKey
    left: int  # how many of its hits are to be shown
    count: int = 0
    looked: int = 0  # suspects
    rows: list[Row] = []


class Choose(Protocol):
    """Chooses entries of a trail by what the index knows of them."""

    def __call__(self, key: TrailKey, *, limit: int) -> tuple[int, Sequence[Row]]:
        """How many entries match, and the newest of them; raises TaskNotFound."""


class Search:
    """One search over some trails; used once, by one thread."""

    def __init__(
        self,
        layout: Layout,
        targets: Sequence[SearchTarget],
        wanted: EntryFilter,
        bounds: SearchBounds,
        choose: Choose,
    ) -> None:
        self._layout = layout
        self._targets = targets
        self._wanted = wanted
        self._needle = Needle(wanted)
        self._bounds = bounds
        self._choose = choose
        self._deadline = time.monotonic() + bounds.seconds
        self._told_at = time.monotonic()
        self._titles = {
            one.key.id: one.title for one in targets if one.title and one.key.family == "tasks"
        }
        self._waiting: list[Row] = []
        self._shown = self._found = self._searched_bytes = self._searched_trails = 0
        self._passed = 0  # bytes of the trail that is searched now
        self._counted = 0  # suspects that were looked at since everything is shown
        self._total_bytes = sum(one.bytes for one in targets)
        self._ended: str | None = None

    def run(self) -> Iterator[SearchStep]:
        """Steps; the last one says how the search ended."""
        steps = self._by_bytes() if self._wanted.has_text else self._by_index()
        for step in steps:
            yield step
            if self._ended:
                break
        yield self._step(self._ended or "complete")

    def _by_index(self) -> Iterator[SearchStep]:
        for target in self._targets:
            self._check()
            if self._ended:
                return
            left, count = self._left(), target.matching
            if count is None or left:
                with suppress(TaskNotFound, StorageFailed):  # it vanished meanwhile
                    count, rows = self._choose(target.key, limit=left)
                    self._show(rows, target.key, count)
            self._found += count or 0
            self._passed_by(target.bytes)
            if self._is_due():
                yield self._step(None)

    def _by_bytes(self) -> Iterator[SearchStep]:
        below = {target.key: target.below for target in self._targets}
        with closing(self._suspects()) as every:
            for suspects in every:
                if suspects.places:
                    yield from self._look_at(suspects, below[suspects.key])
                if not self._ended:
                    self._passed_by(sum(suspects.parts.values()))
                    self._check()
                if self._is_due():
                    yield self._step(None)
                if self._ended:
                    return

    def _suspects(self) -> Generator[Suspects, None, None]:
        """What is to be looked at.

        As long as nothing is found one group is asked about while the one before is looked at.
        """
        groups, asked = _groups(self._targets), deque[_Asked]()
        try:
            while True:
                is_quiet = self._searched_trails > 0 and self._found == 0
                while len(asked) <= is_quiet and (group := next(groups, None)):
                    asked.append(self._ask(group))
                if not asked:
                    return
                trails, question = asked.popleft()
                yield from suspects_of(trails, question.answer() if question else None)
        finally:
            for _, question in asked:
                if question:
                    question.drop()

    def _ask(self, group: Sequence[SearchTarget]) -> _Asked:
        """The group, and the question about it; of a large trail alone its end comes first."""
        trails = [(one.key, one.sizes) for one in group]
        if len(group) == 1 and group[0].bytes > FIRST_GROUP_BYTES:
            return trails, None
        return trails, ask_about(self._layout, trails, self._needle.pattern)

    def _look_at(self, suspects: Suspects, below: int) -> Iterator[SearchStep]:
        of_trail = _OfTrail(suspects.key, self._left())
        self._counted += SUSPECTS_PER_TRAIL * (self._shown >= self._bounds.limit)
        with (
            suppress(StorageFailed),  # a trail that vanished or became shorter meanwhile
            TextScan(self._layout, suspects, self._wanted, self._needle, below=below) as scan,
        ):
            for number, step in enumerate(scan.down(before=MAX_SEQ), 1):
                self._note(step, scan, of_trail)
                self._passed = min(scan.passed, sum(suspects.parts.values()))
                if number % LOOKS_AT_ONCE == 0 or self._counted > MOST_COUNTED:
                    self._check()
                if self._ended or (self._bounds.by_task and of_trail.count >= MOST_OF_TASK):
                    break
                if self._is_due():
                    yield self._step(None)
        if self._bounds.by_task:
            self._show(of_trail.rows, suspects.key, of_trail.count)

    def _note(self, step: Hit | int, scan: TextScan, of_trail: "_OfTrail") -> None:
        """A hit is counted and, where it is among those that are shown, waits to be told."""
        if self._shown >= self._bounds.limit:
            self._counted += scan.looked - of_trail.looked
        of_trail.looked = scan.looked
        if not isinstance(step, Hit):
            return
        self._found += 1
        of_trail.count += 1
        if of_trail.count > of_trail.left:
            return
        row = _row_of(step, of_trail.key)
        if row and self._bounds.by_task:
            of_trail.rows.append(row)
        elif row:
            self._waiting.append(row)
            self._shown += 1

    def _left(self) -> int:
        """How many hits of the next trail are to be shown."""
        left = self._bounds.limit - self._shown
        if self._bounds.by_task:
            return min(left, 1)
        return left if self._bounds.per_task is None else min(left, self._bounds.per_task)

    def _show(self, rows: Sequence[Row], key: TrailKey, count: int) -> None:
        """What is to be shown of a trail waits to be told."""
        if self._bounds.by_task and rows:
            known = {"task_id": rows[0]["task_id"], "session_id": rows[0]["session_id"]}
            if key.family == "sessions":
                known["session_id"] = key.id
            more = {"is_partial": True} if count >= MOST_OF_TASK and self._wanted.has_text else {}
            self._waiting.append(known | {"hits": count, "latest": rows[0]} | more)
            self._shown += 1
        elif rows:
            self._waiting += rows
            self._shown += len(rows)

    def _passed_by(self, size: int) -> None:
        self._searched_bytes += size
        self._searched_trails += 1
        self._passed = 0

    def _check(self) -> None:
        """Whether the search has to end."""
        if self._bounds.stop is not None and self._bounds.stop.is_set():
            self._ended = "stopped"
        elif time.monotonic() > self._deadline:
            self._ended = "time"
        elif self._counted > MOST_COUNTED:
            self._ended = "limit"

    def _is_due(self) -> bool:
        """Whether it is time to tell something."""
        if len(self._waiting) >= HITS_AT_ONCE:
            return True
        return time.monotonic() - self._told_at > (TELL_SECONDS if not self._waiting else 0.02)

    def _step(self, ended: str | None) -> SearchStep:
        rows, self._waiting = self._waiting, []
        self._told_at = time.monotonic()
        progress = SearchProgress(
            self._shown,
            self._found,
            self._searched_bytes + self._passed,
            self._total_bytes,
            self._searched_trails,
            len(self._targets),
            ended,
        )
        if self._bounds.by_task:
            return SearchStep([], progress, rows)
        told = {str(row["task_id"]) for row in rows}
        titles = {name: self._titles[name] for name in told & self._titles.keys()}
        return SearchStep(rows, progress, titles=titles)


def _row_of(hit: Hit, key: TrailKey) -> Row | None:
    try:
        return row_at(hit.line.line, CHANNELS[hit.channel], key)
    except TornEntry:
        return None


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
