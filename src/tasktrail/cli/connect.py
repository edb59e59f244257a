"""What commands read from: the data root of this machine or a server, behind one shape.

A server is used where one was named, by --server or by TASKTRAIL_URL; --data means the root. The
shape is declared here, by who needs it; the local and the remote reader satisfy it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Event
from typing import Any, NamedTuple, Protocol, TypedDict, Unpack
from urllib.parse import quote

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.logs import start_talking
from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.model.ids import directory_name
from tasktrail.model.page import DEFAULT_LIMIT
from tasktrail.model.search_progress import SearchProgress

Answer = Mapping[str, Any]
Params = Mapping[str, Sequence[str]]


class PageWords(TypedDict, total=False):
    """Which part of a list is asked for."""

    limit: int
    offset: int
    order: str
    cursor: str | None


class Ledger(Protocol):
    """Questions about money and about who worked, asked as a query string asks."""

    def costs(self, params: Params) -> Answer:
        """What was spent."""

    def explain(self, task_id: str) -> Answer:
        """Every call, bucket and price behind a task's cost."""

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


class SearchStep(Protocol):
    """A piece of a search."""

    @property
    def hits(self) -> Sequence[Answer]:
        """Entries, as everywhere."""

    @property
    def tasks(self) -> Sequence[Answer]:
        """Tasks with how many hits each has, where these are asked for."""

    @property
    def progress(self) -> SearchProgress | None:
        """How far it is, where that is told."""


class AllBatch(Protocol):
    """What was recorded behind a cursor, in any task."""

    @property
    def logs(self) -> Sequence[Answer]:
        """The entries that match."""

    @property
    def cursor(self) -> str:
        """Where to go on."""


class FollowAll(Protocol):
    """Looks at all tasks behind a cursor."""

    def end(self) -> str:
        """The cursor behind all that is recorded."""

    def next_batch(self, wanted: EntryFilter, *, cursor: str, max_entries: int) -> AllBatch | None:
        """What is recorded behind the cursor; `None`: nothing."""


class Reader(Protocol):
    """The reader's methods that commands need; unknown ids raise NotFound."""

    @property
    def ledger(self) -> Ledger:
        """Sessions, workers, events of coordinators, and costs."""

    def tasks(
        self, wanted: TaskFilter, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
    ) -> Answer:
        """A page of tasks, newest first."""

    def task(self, task_id: str) -> Answer:
        """One task's summary."""

    def logs(self, task_id: str, wanted: EntryFilter, **paging: Unpack[PageWords]) -> Answer:
        """A page of a task's entries."""

    def session_logs(
        self, session_id: str, wanted: EntryFilter, **paging: Unpack[PageWords]
    ) -> Answer:
        """A page of what a session said beside its tasks."""

    def stages(self, task_id: str) -> Answer:
        """A task's stages, first appearance first."""

    def job_stages(self, job_id: str) -> Answer:
        """A job's stages with their pieces of work; an unknown job has none."""

    def executions(
        self, *, job_id: str | None, status: tuple[str, ...], limit: int, offset: int
    ) -> Answer:
        """Executions, newest first."""

    def search(
        self, wanted: EntryFilter, *, limit: int, seconds: float, stop: Event, by_task: bool
    ) -> Iterator[SearchStep]:
        """Entries of all tasks that match, or tasks, step by step."""

    def holds(self) -> Iterable[Answer]:
        """Webhook flows that have not bound to a task."""

    def dead(self) -> Iterable[Answer]:
        """What could not be recorded, with its reason."""


class SqlAnswer(Protocol):
    """What a statement gives."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns."""

    @property
    def rows(self) -> Iterator[Sequence[object]]:
        """The rows, as they are read."""

    @property
    def is_behind(self) -> bool:
        """Whether entries are recorded that the index does not have yet."""


AskSql = Callable[[str, float], AbstractContextManager[SqlAnswer]]


class Connection(NamedTuple):
    """A reader, and where its pages can be seen in a browser if anywhere."""

    reader: Reader
    url: str | None
    refresh: Callable[[], None]  # what must be done before an answer can hold what came since
    api_key: str | None = None
    follow_all: FollowAll | None = None  # of a root; a server has a socket
    sql: AskSql | None = None  # of a root only

    def page(self, task_id: str) -> str | None:
        """The task's page in the browser."""
        if self.url is None:
            return None
        return f"{self.url}/t/{quote(directory_name(task_id))}"


@contextmanager
def connected(invocation: Invocation) -> Iterator[Connection]:
    """The server that was named, else the data root of this machine."""
    settings = invocation.settings()
    if settings.url and not invocation.data:
        # Each side costs its imports only where it is used.
        from tasktrail.sdk.remote_reader import RemoteReader  # noqa: PLC0415

        remote = RemoteReader(settings.url, api_key=settings.api_key)
        yield Connection(remote, settings.url, _nothing, api_key=settings.api_key)
        return
    start_talking()
    from tasktrail.query.follow_all import FollowAll as LocalFollowAll  # noqa: PLC0415 - see above
    from tasktrail.service import open_local  # noqa: PLC0415 - see above

    with open_local(settings) as local:
        follow_all = LocalFollowAll(local.reader)
        yield Connection(
            local.reader,
            None,
            local.refresh,
            follow_all=follow_all,
            sql=lambda text, seconds: local.reader.sql(text, seconds=seconds),
        )


def _nothing() -> None:
    """A server's answers are up to date by themselves."""
