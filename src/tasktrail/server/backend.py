"""What the server needs from below, as shapes.

The server owns these protocols: `service` and `query` satisfy them, and so do the small real
classes that the server's own tests run on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.model.ids import TrailKey
from tasktrail.service.accept import Receipt
from tasktrail.service.figures import Health, Metrics, Readiness

Answer = Mapping[str, object]


class Reader(Protocol):
    """The one way anything recorded is read; unknown ids raise NotFound."""

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

    def stats(self, task_id: str) -> Answer:
        """How many entries of each level, source and stage."""

    def sources(self, task_id: str) -> Sequence[str]:
        """Each source once."""

    def entry(self, task_id: str, seq: int) -> Answer:
        """One entry, whole."""

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


class Follow(Protocol):
    """Looks at a trail behind a place; keeps nothing about who looks."""

    def head(self, task_id: str) -> int:
        """The trail's last seq; raises TaskNotFound."""

    def next_batch(
        self, task_id: str, wanted: EntryFilter, *, after_seq: int, max_entries: int
    ) -> Batch:
        """What matches behind `after_seq`, at most so many entries of it."""


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
    def watch(self) -> Watch:
        """What wakes followers."""

    @property
    def generation(self) -> int:
        """The data root's generation."""

    def accept(self, events: Sequence[bytes]) -> Receipt:
        """The one way in; returns when everything accepted is durable."""

    def health(self) -> Health:
        """Whether events can be recorded."""

    def ready(self) -> Readiness:
        """Which parts are there."""

    def metrics(self) -> Metrics:
        """The figures for monitoring."""
