"""Live ends of trails that are followed: what each folds to, and its newest lines.

They are read once for all who follow. An end moves on by the lines that came since it was looked
at; where they do not follow on each other, it is made anew from the reader's view. It may be
forgotten at any time.
"""

from collections import deque
from copy import deepcopy
from threading import Lock
from typing import Final

from msgspec import Struct, field

from tasktrail.index.fold import fold_line
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task
from tasktrail.query.fresh_lines import lines_behind
from tasktrail.query.reader import Reader
from tasktrail.query.text_scan import Hit

REMEMBERED_TRAILS: Final = 1_024
KEPT_BYTES: Final = 1 << 19  # of a trail's newest lines


class End(Struct):
    """A trail's end, as of a place in the spool."""

    key: TrailKey
    recorded: int
    head: int
    task: Task
    kept: deque[Hit] = field(default_factory=deque)
    kept_bytes: int = 0

    @property
    def first(self) -> int:
        """The lowest seq behind which all lines are kept."""
        return self.kept[0].seq - 1 if self.kept else self.head

    def behind(self, after: int) -> list[Hit]:
        """The kept lines behind that seq."""
        return [hit for hit in self.kept if hit.seq > after]

    def add(self, hit: Hit) -> None:
        """The next line; the oldest ones are let go."""
        fold_line(self.task, hit.line.line, hit.channel, hit.glimpse)
        self.head = hit.seq
        self.kept.append(hit)
        self.kept_bytes += len(hit.line.line)
        while self.kept_bytes > KEPT_BYTES:
            self.kept_bytes -= len(self.kept.popleft().line.line)


class LiveEnds:
    """Ends of trails; may be used by many threads at once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = Lock()
        self._ends: dict[TrailKey, tuple[Lock, list[End]]] = {}

    def end_of(self, key: TrailKey) -> End:
        """The trail's end as it is recorded by now, not to be changed; raises TaskNotFound."""
        with self._lock:
            if len(self._ends) >= REMEMBERED_TRAILS and key not in self._ends:
                self._ends.clear()
            lock, known = self._ends.setdefault(key, (Lock(), []))
        with lock:
            recorded = self._reader.recorded_for(key)
            before = known[0] if known else None
            if before is not None and before.recorded == recorded:
                return before
            end = self._moved(key, before, recorded) if before is not None else None
            known[:] = [end or self._seen(key, recorded)]
            return known[0]

    def _moved(self, key: TrailKey, before: End, recorded: int) -> End | None:
        """The end with what came since; `None` where its lines do not follow on each other."""
        if before.recorded > recorded:
            return None
        fresh = lines_behind(
            self._reader.layout, key, lambda one: one.seq <= before.head, below=recorded
        )
        if fresh is None or [hit.seq for hit in fresh] != list(
            range(before.head + 1, before.head + 1 + len(fresh))
        ):
            return None
        end = End(
            key, recorded, before.head, deepcopy(before.task), before.kept.copy(), before.kept_bytes
        )
        for hit in fresh:
            end.add(hit)
        return end

    def _seen(self, key: TrailKey, recorded: int) -> End:
        """The end as the reader sees it."""
        head, task = self._reader.on_trail(
            key, lambda view: (view.head, deepcopy(view.task)), below=recorded, may_wait=False
        )
        return End(key, recorded, head, task)
