"""What the server needs from below, as shapes.

The server owns these protocols: `service` and `query` satisfy them, and so do the small real
classes that the server's own tests run on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from threading import Event
from typing import Any, Protocol

from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.search_progress import SearchProgress
from tasktrail.service.accept import Receipt
from tasktrail.service.figures import Health, Metrics, Readiness

Answer = Mapping[str, object]
Params = Mapping[str, Sequence[str]]


class TrailFile(Protocol):
    """A file of a trail, as far as it is recorded."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def read(self, start: int, length: int) -> bytes:
        """A piece of it."""


class SeqList(Protocol):
    """Seqs that match, packed."""

    @property
    def blob(self) -> bytes:
        """The differences between them, LEB128."""

    @property
    def count(self) -> int:
        """How many are in it."""

    @property
    def head(self) -> int:
        """The trail's last seq."""

    @property
    def next_after_seq(self) -> int | None:
        """Where to ask again, when there are more."""

    @property
    def is_partial(self) -> bool:
        """Whether there may be others."""


class SearchStep(Protocol):
    """A piece of a search: what was found, and how far it is."""

    @property
    def hits(self) -> Sequence[Answer]:
        """Entries, as everywhere."""

    @property
    def tasks(self) -> Sequence[Answer]:
        """Tasks with how many hits each has, where these are asked for."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Of the tasks of these hits, as far as they are known."""

    @property
    def progress(self) -> SearchProgress:
        """How far it is now."""


class Ledger(Protocol):
    """Questions about money and about who worked, asked as a query string asks."""

    def costs(self, params: Params) -> Answer:
        """What was spent."""

    def explain(self, task_id: str) -> Answer:
        """Every call, bucket and price behind a task's cost."""

    def budgets(self) -> Answer:
        """The root's budgets, and what came nearest to each of late."""

    def sessions(self, params: Params) -> Answer:
        """A page of sessions, newest first."""

    def session(self, session_id: str) -> Answer:
        """One session with its tasks and workers."""

    def workers(self, params: Params) -> Answer:
        """A page of workers, newest first."""

    def worker(self, worker_id: str) -> Answer:
        """One worker with those that it started."""

    def events(self, params: Params) -> Answer:
        """A page of events of coordinators, newest first."""


class Reader(Protocol):
    """The one way anything recorded is read; unknown ids raise NotFound."""

    @property
    def ledger(self) -> Ledger:
        """Sessions, workers, events of coordinators, and costs."""

    def key(self, trail_id: str) -> TrailKey:
        """The task's trail, also by its directory's name."""

    def tasks(self, wanted: TaskFilter, *, limit: int, cursor: str | None) -> Answer:
        """A page of tasks, newest first."""

    def task(self, task_id: str) -> Answer:
        """One task's summary."""

    def logs(  # noqa: PLR0913 - the parameters of REST, by name
        self,
        task_id: str,
        wanted: EntryFilter,
        *,
        limit: int,
        offset: int,
        order: str,
        cursor: str | None,
        preview: int | None,
    ) -> Answer:
        """A page of a task's entries."""

    def session_logs(  # noqa: PLR0913 - the parameters of REST, by name
        self,
        session_id: str,
        wanted: EntryFilter,
        *,
        limit: int,
        offset: int,
        order: str,
        cursor: str | None,
        preview: int | None,
    ) -> Answer:
        """A page of what a session said beside its tasks."""

    def stats(self, task_id: str, wanted: EntryFilter) -> Answer:
        """How many entries of each level, source, stage, channel and event type."""

    def sources(self, task_id: str) -> Sequence[str]:
        """Each source once."""

    def entry(self, task_id: str, seq: int) -> Answer:
        """One entry, whole."""

    def body(self, task_id: str, seq: int, part: str) -> bytes:
        """The whole message of an entry, or another part of it."""

    def histogram(self, task_id: str, wanted: EntryFilter, *, buckets: int) -> Answer:
        """Entries over time."""

    def seqs(self, task_id: str, wanted: EntryFilter, *, limit: int) -> SeqList:
        """The seqs of all entries that match."""

    def stages(self, task_id: str) -> Answer:
        """The task's stages, first appearance first."""

    def timeline(self, task_id: str, *, limit: int) -> Answer:
        """What the task's workers did, from when to when."""

    def open(self, task_id: str, wanted: EntryFilter, *, tail: int, preview: int | None) -> Answer:
        """Header, counts, stages and the last entries that match."""

    def files(self, task_id: str) -> Answer:
        """The trail's files with their sizes."""

    def file(self, task_id: str, name: str) -> AbstractContextManager[TrailFile]:
        """A file of the trail; raises FileNotFound."""

    def job_logs(  # noqa: PLR0913 - the parameters of REST, by name
        self,
        job_id: str,
        wanted: EntryFilter,
        *,
        name: str | None,
        limit: int,
        offset: int,
        order: str,
        cursor: str | None,
        preview: int | None,
    ) -> Answer:
        """A page of a job's entries; of an unknown job none."""

    def job_stages(self, job_id: str) -> Answer:
        """A job's stages; of an unknown job none."""

    def executions(
        self, *, job_id: str | None, status: tuple[str, ...], limit: int, offset: int
    ) -> Answer:
        """A page of executions, newest first."""

    def execution(self, execution_id: str) -> Answer:
        """One execution; raises ExecutionNotFound."""

    def execution_logs(  # noqa: PLR0913 - the parameters of REST, by name
        self,
        execution_id: str,
        wanted: EntryFilter,
        *,
        limit: int,
        offset: int,
        order: str,
        cursor: str | None,
        preview: int | None,
    ) -> Answer:
        """A page of an execution's entries."""

    def search(
        self, wanted: EntryFilter, *, limit: int, seconds: float, stop: Event, by_task: bool
    ) -> Iterator[SearchStep]:
        """Entries of all tasks that match, or tasks, step by step; the last says how it ended."""

    def sections(self, task_id: str) -> Answer:
        """The task's files as one object: only the keys whose file exists."""

    def holds(self) -> Iterator[object]:
        """Webhook flows that have not bound to a task."""

    def dead(self) -> Iterator[object]:
        """What could not be recorded, with its reason."""


class Batch(Protocol):
    """What a follower gets from one look at a trail."""

    @property
    def logs(self) -> Sequence[Mapping[str, object]]:
        """The matching entries behind the place asked for, by seq; may be empty."""

    @property
    def after_seq(self) -> int:
        """How far was looked: where the next look begins."""

    @property
    def head(self) -> int:
        """The trail's last seq."""

    @property
    def counts(self) -> object:
        """How much the trail holds, and how much of it is trouble."""

    @property
    def status(self) -> str:
        """The task's status."""


class TrailEnd(Protocol):
    """A trail as it is at a moment."""

    @property
    def head(self) -> int:
        """The last seq."""


class Follow(Protocol):
    """Looks at a trail behind a place; keeps nothing about who looks."""

    def head(self, task_id: str) -> int:
        """The trail's last seq; raises TaskNotFound."""

    def end(self, task_id: str) -> TrailEnd:
        """The trail as it is now, for more than one look; raises TaskNotFound."""

    def next_batch(
        self,
        task_id: str,
        wanted: EntryFilter,
        *,
        after_seq: int,
        max_entries: int,
        end: Any,  # noqa: ANN401 - what `end` gave
    ) -> Batch:
        """What matches behind `after_seq` as of that end, at most so many entries of it."""


class AllBatch(Protocol):
    """What a follower of all tasks gets from one look."""

    @property
    def logs(self) -> Sequence[Mapping[str, object]]:
        """The matching entries behind the cursor, each trail's in its order; may be empty."""

    @property
    def cursor(self) -> str:
        """Where the next look begins."""

    @property
    def has_gap(self) -> bool:
        """Whether entries were passed over because nobody could tell them."""


class FollowAll(Protocol):
    """Looks at all trails behind a cursor; keeps nothing about who looks."""

    def end(self) -> str:
        """The cursor behind everything that is recorded by now."""

    def recorded(self) -> dict[int, int]:
        """How far everything is recorded by now, for more than one look."""

    def next_batch(
        self,
        wanted: EntryFilter,
        *,
        cursor: str,
        max_entries: int,
        recorded: dict[int, int] | None,
    ) -> AllBatch | None:
        """What was recorded behind the cursor by then; `None`: nothing. Raises InvalidCursor."""


class Watch(Protocol):
    """Says which trails advanced, to which seq; may be late or silent, never wrong."""

    def subscribe(self, callback: Callable[[Mapping[TrailKey, int]], None]) -> Callable[[], None]:
        """Calls back from any thread until the returned function is called."""


class Backend(Protocol):
    """The service behind the server."""

    @property
    def reader(self) -> Reader:
        """The one way out."""

    def settled_reader(self) -> Reader:
        """The same, once what was accepted before is recorded, or after a moment; it may block."""

    @property
    def follow(self) -> Follow:
        """The way out that goes on."""

    @property
    def follow_all(self) -> FollowAll:
        """The same over all tasks."""

    @property
    def watch(self) -> Watch:
        """What wakes followers."""

    @property
    def generation(self) -> int:
        """The data root's generation."""

    def accept(self, events: Iterable[bytes]) -> Receipt:
        """The one way in; returns when everything accepted is durable."""

    def health(self) -> Health:
        """Whether events can be recorded."""

    def ready(self) -> Readiness:
        """Which parts are there."""

    def metrics(self) -> Metrics:
        """The figures for monitoring."""
