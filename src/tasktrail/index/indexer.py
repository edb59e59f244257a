"""The indexer: follows what is recorded, partition by partition.

Live, catching up after a crash and rebuilding are this one path: take the trails that were touched
after the indexed place (or all of them, where nobody can tell), read each from its place on, write
rows, counts, summaries and places in one transaction, and last the partition's new place. A file
lock keeps a second indexer out. An index that is damaged, of another version or of another root
is made anew without being asked.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from threading import Event
from typing import Final, NamedTuple

from tasktrail.errors import LockHeld, StorageFailed, TasktrailError
from tasktrail.index.database import Database, IndexDamaged, IndexFailed, IndexMissing
from tasktrail.index.pricing import keep_prices
from tasktrail.index.sqlite import SqliteDatabase
from tasktrail.index.state import Index, is_of, positions_of, write_mark
from tasktrail.index.writer import IndexWriter
from tasktrail.model.ids import TrailKey, partition_of
from tasktrail.store.catalog import iter_trails
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import Layout
from tasktrail.store.locks import FileLock
from tasktrail.store.root import Root
from tasktrail.store.touched import read_touched

ENTRIES_PER_TRANSACTION: Final = 20_000  # the knee is at 10,000; a kill costs one transaction
GATHER_SECONDS: Final = 0.05  # what arrives together is read together
LONGEST_GATHER_SECONDS: Final = 0.5  # the longer a pass, the more is read in the next one
HEARTBEAT_SECONDS: Final = 1.0  # how long a lost wake-up may go unnoticed
LOCK_SECONDS: Final = 5.0

_LOG: Final = logging.getLogger(__name__)


class Progress(NamedTuple):
    """What one pass did."""

    entries: int = 0
    trails: int = 0
    was_rebuilt: bool = False

    def __add__(self, other: object) -> "Progress":
        """Both passes together."""
        if not isinstance(other, Progress):
            return NotImplemented
        return Progress(
            self.entries + other.entries,
            self.trails + other.trails,
            self.was_rebuilt or other.was_rebuilt,
        )


def index_in_memory(layout: Layout, root: Root) -> Index:
    """The index of a root that cannot be written to, for one thread; nothing of it lasts."""
    database = SqliteDatabase(None)
    Indexer(layout, root, database).fill()
    return Index(database, root)


class _StopAsked(Exception):
    """Somebody asked the indexer to end; what is committed stays."""


class Indexer:
    """Keeps the index up with the trails; used by one thread at a time."""

    def __init__(
        self,
        layout: Layout,
        root: Root,
        database: Database,
        *,
        entries_per_transaction: int = ENTRIES_PER_TRANSACTION,
    ) -> None:
        self._layout = layout
        self._entries_per_transaction = entries_per_transaction
        self._root = root
        self._database = database
        self._lock = FileLock(layout.index_lock)
        self._request = layout.index_request
        self._stop = Event()
        self.trouble: str | None = None  # why the last pass of `run` did not end well

    def catch_up(self, *, lock_seconds: float = LOCK_SECONDS) -> Progress:
        """Everything that is recorded by now is indexed.

        Raises LockHeld when another process indexes and does not stop within that time.
        """
        held = self._lock.held
        self._acquire(lock_seconds)
        try:
            return self._pass()
        finally:
            if not held:
                self._lock.release()

    def rebuild(self, *, lock_seconds: float = LOCK_SECONDS) -> Progress:
        """The index made anew from the trails; raises LockHeld like `catch_up`."""
        held = self._lock.held
        self._acquire(lock_seconds)
        try:
            return self._made_anew()
        finally:
            if not held:
                self._lock.release()

    def fill(self) -> Progress:
        """The index made anew in a database that nobody else has: no lock is taken."""
        self._begin_anew()
        return self._follow()

    def run(self, stop: Event, wake: Event, *, is_coming: Callable[[], bool]) -> None:
        """Follows until it is stopped; `wake` says that something was recorded.

        `is_coming`: whether more will be recorded in a moment, which the next pass then waits for.
        Trouble with the disk is logged and tried again; while another process indexes, this one
        stands by. It ends between two transactions; the next one goes on from there.
        """
        self._stop = stop
        try:
            while not stop.is_set():
                try:
                    self._take_turn(stop, wake, is_coming)
                except _StopAsked:
                    return
                except TasktrailError as error:
                    _LOG.warning("the index is behind: %s", error)
                    self.trouble = str(error)
                    stop.wait(HEARTBEAT_SECONDS)
                except Exception as error:  # noqa: BLE001 - a bug with one trail ends no index
                    _LOG.exception("the index is behind")
                    self.trouble = f"{type(error).__name__}: {error}"
                    stop.wait(HEARTBEAT_SECONDS)
        finally:
            self._stop = Event()
            self._lock.release()

    def _take_turn(self, stop: Event, wake: Event, is_coming: Callable[[], bool]) -> None:
        """One pass, and the time until the next one is worth it."""
        began = time.monotonic()
        if self._lock.acquire():
            self._pass()
        self.trouble = None
        took = time.monotonic() - began
        wake.wait(HEARTBEAT_SECONDS)
        wake.clear()
        gather(stop, min(2 * took, LONGEST_GATHER_SECONDS), is_coming=is_coming)

    def _acquire(self, lock_seconds: float) -> None:
        if not self._lock.acquire(lock_seconds):
            raise LockHeld(
                f"expected {self._layout.index_lock} within {lock_seconds} s, it is held"
            )

    def _pass(self) -> Progress:
        try:
            if self._request.exists():  # by `index rebuild`, which could not have the lock
                _LOG.info("the index is made anew, as asked")
            elif self._is_ours():
                return self._follow()
        except IndexMissing:
            _LOG.info("there is no index yet")
        except IndexDamaged as error:
            _LOG.warning("the index is made anew: %s", error)
        return self._made_anew()

    def _made_anew(self) -> Progress:
        self._begin_anew()
        done = Progress(was_rebuilt=True) + self._follow()
        self._request.unlink(missing_ok=True)
        return done

    def _is_ours(self) -> bool:
        """Whether there is an index, of this root, and not ahead of what is recorded."""
        with self._database.snapshot() as queries:
            if not is_of(queries, self._root):
                return False
            positions = positions_of(queries)
        return all(pos <= self._recorded(p) for p, pos in positions.items())

    def _begin_anew(self) -> None:
        self._database.create()
        with self._database.writing() as writing:
            write_mark(writing, self._root)

    def _recorded(self, p: int) -> int:
        checkpoint = read_checkpoint(self._layout, p)
        return checkpoint.pos if checkpoint else 0

    def _follow(self) -> Progress:
        keep_prices(self._database, self._layout)
        with self._database.snapshot() as queries:
            positions = positions_of(queries)
        return sum(
            (self._advance(p, positions.get(p)) for p in range(self._root.partitions)),
            Progress(),
        )

    def _advance(self, p: int, indexed: int | None) -> Progress:
        """One partition, up to its checkpoint."""
        recorded = self._recorded(p)
        if recorded in {indexed, 0}:
            return Progress()
        entries = trails = 0
        waiting = self._touched(p, indexed)
        key = next(waiting, None)
        while key is not None:
            if self._stop.is_set():
                raise _StopAsked
            with self._database.writing() as writing:
                writer = IndexWriter(writing, self._layout)
                while key is not None and (left := self._left(writer)) > 0:
                    if self._read_on(writer, key, recorded, left):
                        key = next(waiting, None)
                        trails += 1
                writer.flush()
                if key is None:
                    writing.execute("set_position", p=p, pos=recorded)
            entries += writer.entries
        if not trails:
            with self._database.writing() as writing:
                writing.execute("set_position", p=p, pos=recorded)
        return Progress(entries, trails)

    def _left(self, writer: IndexWriter) -> int:
        """How many entries the transaction may still take."""
        return self._entries_per_transaction - writer.entries

    @staticmethod
    def _read_on(writer: IndexWriter, key: TrailKey, recorded: int, left: int) -> bool:
        try:
            return writer.advance(key, below=recorded, max_entries=left)
        except IndexFailed:
            raise
        except StorageFailed as error:  # readers take what is missing from the trail itself
            _LOG.warning("%s is not indexed to its end: %s", key.name, error)
            return True

    def _touched(self, p: int, indexed: int | None) -> Iterator[TrailKey]:
        """The trails that may have advanced in between, each once."""
        batches = None if indexed is None else read_touched(self._layout, p, after=indexed)
        if batches is None:
            yield from self._all_of(p, iter_trails(self._layout))
            return
        seen: dict[TrailKey, int] = {}
        for batch in batches:
            seen |= batch.heads()
        yield from seen

    def _all_of(self, p: int, trails: Iterable[TrailKey]) -> Iterator[TrailKey]:
        return (key for key in trails if partition_of(key.id, self._root.partitions) == p)


def gather(stop: Event, longest_seconds: float, *, is_coming: Callable[[], bool]) -> None:
    """A moment, and as long as more is coming up to so many seconds: the next pass takes it along.

    The end of a burst is never waited with: somebody may be looking for it.
    """
    deadline = time.monotonic() + longest_seconds
    stop.wait(GATHER_SECONDS)
    while time.monotonic() < deadline and is_coming() and not stop.is_set():
        stop.wait(GATHER_SECONDS)
