"""Follow: what a task says from a place on, and then as it comes.

History and live are one loop over `seq`: read what is recorded after the place, then wait until
something may have been. A follower is one integer: nothing is queued for it, a slow one reads later
and misses nothing, and whoever comes back names the last seq it saw.
"""

from collections.abc import Iterator
from threading import Event
from typing import Final

from msgspec import Struct

from tasktrail.index.entries import Pointer
from tasktrail.model.filters import EntryFilter
from tasktrail.model.task import Counts
from tasktrail.query.live_ends import End, LiveEnds
from tasktrail.query.needle import Needle
from tasktrail.query.pages import read_rows
from tasktrail.query.reader import Reader
from tasktrail.query.rows import Row
from tasktrail.query.search import hits_among
from tasktrail.query.text_scan import HitFilter
from tasktrail.query.trail_view import TrailView
from tasktrail.store.watch import Heads, Watch

BATCH_ENTRIES: Final = 500
BATCH_BYTES: Final = 1 << 18  # lines of one batch, unless its first is longer
SEARCH_ENTRIES: Final = 4_096  # candidates searched at once
HEARTBEAT_SECONDS: Final = 1.0  # how long a lost notice may go unnoticed


class Batch(Struct, frozen=True):
    """What a look behind a place found."""

    logs: list[Row]
    after_seq: int  # the place to go on from, past entries that did not match
    head: int  # the seq of the latest entry that is recorded
    counts: Counts
    status: str

    @property
    def is_complete(self) -> bool:
        """Whether nothing recorded is left behind the place."""
        return self.after_seq >= self.head


class Follow:
    """Looks at trails behind a place; may be used by many threads at once."""

    def __init__(
        self, reader: Reader, watch: Watch, *, heartbeat_seconds: float = HEARTBEAT_SECONDS
    ) -> None:
        self._reader = reader
        self._heartbeat_seconds = heartbeat_seconds
        self._watch = watch
        self._ends = LiveEnds(reader)

    def head(self, task_id: str, *, family: str = "tasks") -> int:
        """The seq of the trail's latest entry; raises TaskNotFound."""
        return self.end(task_id, family=family).head

    def end(self, task_id: str, *, family: str = "tasks") -> End:
        """The trail's end as it is recorded by now; raises TaskNotFound."""
        return self._ends.end_of(self._reader.key(task_id, family=family))

    def next_batch(
        self,
        task_id: str,
        wanted: EntryFilter,
        *,
        after_seq: int,
        max_entries: int = BATCH_ENTRIES,
        family: str = "tasks",
        end: End | None = None,
    ) -> Batch:
        """What matches behind the place, at most so many entries; raises TaskNotFound.

        When the trail has nothing new, that costs a look at the checkpoint; what came since the
        last look is read once for all who follow. Whoever names an `end` sees the trail as it was
        then, and nothing is looked at to tell where it ends.
        """
        end = end or self.end(task_id, family=family)
        key = end.key
        if after_seq >= end.head:
            return Batch([], after_seq, end.head, end.task.counts, end.task.status)
        if after_seq >= end.first:
            return self._live(end, wanted, after_seq, max_entries)
        return self._reader.on_trail(
            key,
            lambda view: self._read(view, wanted, after_seq, max_entries),
            below=end.recorded,
            may_wait=False,
        )

    def batches(
        self, task_id: str, wanted: EntryFilter, *, after_seq: int | None, stop: Event
    ) -> Iterator[Batch]:
        """Batches as they come, until it is stopped; `None`: of what is recorded from now on.

        One with no entries says that the trail grew all the same. Raises TaskNotFound at once.
        """
        head = self.head(task_id)
        return self._run(task_id, wanted, head if after_seq is None else after_seq, stop)

    def _run(self, task_id: str, wanted: EntryFilter, place: int, stop: Event) -> Iterator[Batch]:
        key, news = self._reader.key(task_id), Event()

        def heard(heads: Heads) -> None:
            if not heads or key in heads:
                news.set()

        forget = self._watch.subscribe(heard)
        try:
            while not stop.is_set():
                batch = self.next_batch(task_id, wanted, after_seq=place)
                if batch.after_seq > place:
                    place = batch.after_seq
                    yield batch
                if batch.is_complete:
                    news.wait(self._heartbeat_seconds)
                    news.clear()
        finally:
            forget()

    @staticmethod
    def _live(end: End, wanted: EntryFilter, after: int, limit: int) -> Batch:
        """What matches among the newest lines."""
        rows, place, held = list[Row](), end.head, 0
        fits = HitFilter(wanted, end.key)
        for hit in end.behind(after):
            held += len(hit.line.line)
            if len(rows) == limit or (rows and held > BATCH_BYTES):
                place = hit.seq - 1
                break
            row = fits.row_of(hit)
            if row is not None:
                rows.append(row)
        return Batch(rows, place, end.head, end.task.counts, end.task.status)

    def _read(self, view: TrailView, wanted: EntryFilter, after: int, limit: int) -> Batch:
        pointers, place = self._matching(view, wanted, after, limit)
        found = read_rows(self._reader.layout, view.key, pointers, max_bytes=BATCH_BYTES)
        if found.is_cut and found.last is not None:
            place = found.last.seq
        return Batch(found.rows, place, view.head, view.task.counts, view.task.status)

    def _matching(
        self, view: TrailView, wanted: EntryFilter, after: int, limit: int
    ) -> tuple[list[Pointer], int]:
        """At most so many entries that match, and up to where every entry was looked at."""
        selection, before, end = view.select(wanted), view.head + 1, max(after, view.head)
        if not wanted.has_text:
            found = selection.up(after=after, before=before, limit=limit)
            return found, found[-1].seq if len(found) == limit else end
        scanned = max(limit, SEARCH_ENTRIES)
        candidates = selection.up(after=after, before=before, limit=scanned)
        hits = hits_among(self._reader.layout, view.key, candidates, Needle(wanted))
        if len(hits) >= limit:
            return hits[:limit], hits[limit - 1].seq
        return hits, candidates[-1].seq if len(candidates) == scanned else end
