"""What commands read from: the data root of this machine or a server, behind one shape.

A server is used where one was named, by --server or by TASKTRAIL_URL; --data means the root. The
shape is declared here, by who needs it; the local and the remote reader satisfy it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, TypedDict, Unpack
from urllib.parse import quote

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.logs import start_talking
from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.model.ids import directory_name
from tasktrail.model.page import DEFAULT_LIMIT

Answer = Mapping[str, Any]


class PageWords(TypedDict, total=False):
    """Which part of a list is asked for."""

    limit: int
    offset: int
    order: str
    cursor: str | None


class Reader(Protocol):
    """The reader's methods that commands need; unknown ids raise NotFound."""

    def tasks(
        self, wanted: TaskFilter, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
    ) -> Answer:
        """A page of tasks, newest first."""

    def task(self, task_id: str) -> Answer:
        """One task's summary."""

    def logs(self, task_id: str, wanted: EntryFilter, **paging: Unpack[PageWords]) -> Answer:
        """A page of a task's entries."""

    def holds(self) -> Iterable[Answer]:
        """Webhook flows that have not bound to a task."""

    def dead(self) -> Iterable[Answer]:
        """What could not be recorded, with its reason."""


class Connection(NamedTuple):
    """A reader, and where its pages can be seen in a browser if anywhere."""

    reader: Reader
    url: str | None
    refresh: Callable[[], None]  # what must be done before an answer can hold what came since

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
        yield Connection(remote, settings.url, refresh=_nothing)
        return
    start_talking()
    from tasktrail.service import open_local  # noqa: PLC0415 - see above

    with open_local(settings) as local:
        yield Connection(local.reader, None, refresh=local.refresh)


def _nothing() -> None:
    """A server's answers are up to date by themselves."""
