"""Live ends of trails that are followed: what each folds to, and its newest lines.

They are read once for all who follow. An end moves on by the lines that came since it was looked
at; where they do not follow on each other, it is made anew from the reader's view. It may be
forgotten at any time.
"""

from collections import deque
from contextlib import closing
from copy import deepcopy
from itertools import takewhile
from threading import Lock
from typing import Final

from msgspec import Struct, field

from tasktrail.index.advance import Advance, TrailReplaced
from tasktrail.index.fold import fold_run
from tasktrail.index.runs import Run
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task
from tasktrail.query.reader import Reader
from tasktrail.query.text_scan import Hit
from tasktrail.store.lines import Line

REMEMBERED_TRAILS: Final = 1_024
KEPT_BYTES: Final = 1 << 19  # of a trail's newest lines
MOST_BYTES: Final = 8 << 20  # lines that an end moves on by; whatever is longer goes by the index


class End(Struct):
    """A trail's end, as of a place in the spool."""

    key: TrailKey
    recorded: int
    head: int
    task: Task
    places: dict[str, int]  # channel → where the next line begins
    kept: deque[Hit] = field(default_factory=deque)
    kept_bytes: int = 0

    @property
    def first(self) -> int:
        """The lowest seq behind which all lines are kept."""
        return self.kept[0].seq - 1 if self.kept else self.head

    def behind(self, after: int) -> list[Hit]:
        """The kept lines behind that seq."""
        return [*takewhile(lambda hit: hit.seq > after, reversed(self.kept))][::-1]

    def follows(self, run: Run) -> bool:
        """Whether the lines are the next ones, each of them."""
        return run.seqs == [*range(self.head + 1, self.head + 1 + len(run))]

    def add(self, run: Run) -> None:
        """The next lines; the oldest ones are let go."""
        fold_run(self.task, run)
        self.head = run.seqs[-1]
        for number, seq in enumerate(run.seqs):
            line = Line(run.offsets[number], run.line(number))
            self.kept.append(Hit(seq, run.says[number].channel, line, run.glimpse(number)))
        self.kept_bytes += sum(run.lengths)
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
        end = End(
            key,
            recorded,
            before.head,
            deepcopy(before.task),
            before.places,
            before.kept.copy(),
            before.kept_bytes,
        )
        reading = Advance(self._reader.layout, key, before.places, below=recorded)
        left = MOST_BYTES
        try:
            with closing(reading.runs()) as runs:
                for run in runs:
                    left -= sum(run.lengths)
                    if left < 0 or not end.follows(run):
                        return None
                    end.add(run)
        except TrailReplaced:
            return None
        end.places = reading.places
        return end

    def _seen(self, key: TrailKey, recorded: int) -> End:
        """The end as the reader sees it."""
        head, task, places = self._reader.on_trail(
            key,
            lambda view: (view.head, deepcopy(view.task), view.places),
            below=recorded,
            may_wait=False,
        )
        return End(key, recorded, head, task, places)
