"""A reader over entries in memory: a small real class with the reader's promises."""

from collections.abc import Iterator, Mapping, Sequence
from threading import Event
from typing import Any, NamedTuple, Unpack

from tasktrail.cli.connect import Answer, Connection, Ledger, PageWords, SearchStep
from tasktrail.errors import TaskNotFound
from tasktrail.model.documents import Documents, apply_all, summary_of
from tasktrail.model.filters import EntryFilter, TaskFilter, matches
from tasktrail.model.page import DEFAULT_LIMIT, MAX_LIMIT
from tasktrail.model.search_progress import SearchProgress
from tasktrail.model.task import Task
from tasktrail.model.view import row_of
from tests.support.make import TRAIL, entry, line_of


class Step(NamedTuple):
    """A piece of a search."""

    hits: Sequence[Answer]
    progress: SearchProgress
    tasks: Sequence[Answer] = ()


class MemoryReader:
    """One task, gh-1, whose entries are added one by one."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked: list[PageWords] = []
        self.most = MAX_LIMIT
        self.unreadable = 0
        self.stage_rows: list[dict[str, Any]] = []
        self._documents = Documents(Task(TRAIL.id))

    def add(self, event_type: str, **fields: object) -> None:
        """One more entry."""
        one = entry(len(self.rows) + 1, event_type, **fields)
        channel, line = line_of(one)
        self.rows.append(row_of(line, channel, TRAIL))
        apply_all(self._documents, one)

    def tasks(
        self, wanted: TaskFilter, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
    ) -> Answer:
        """The one task."""
        del wanted, limit, cursor
        return {"tasks": [self.task(TRAIL.id)], "total_count": 1, "next_cursor": None}

    def task(self, task_id: str) -> Answer:
        """Its summary."""
        if task_id != TRAIL.id:
            raise TaskNotFound(task_id)
        return summary_of(self._documents.task)

    def logs(self, task_id: str, wanted: EntryFilter, **paging: Unpack[PageWords]) -> Answer:
        """A page, with the last `seq` as its cursor; at most `most` entries, whatever is asked."""
        self.task(task_id)
        self.asked.append(paging)
        found = [row for row in self.rows if matches(wanted, row)]
        total, cursor = len(found), paging.get("cursor")
        if paging.get("order") == "desc":
            found.reverse()
        if cursor:
            place = next(n for n, row in enumerate(found) if row["seq"] == int(cursor))
            found = found[place + 1 :]
        found = found[paging.get("offset", 0) :]
        page = found[: min(paging.get("limit", DEFAULT_LIMIT), self.most)]
        following = str(page[-1]["seq"]) if len(found) > len(page) else None
        answer = {"logs": page, "total_count": total, "next_cursor": following}
        return answer | ({"unreadable": self.unreadable} if self.unreadable else {})

    @property
    def ledger(self) -> Ledger:
        """None: no test of this reader asks for it."""
        raise NotImplementedError

    def session_logs(self, session_id: str, wanted: EntryFilter, **paging: Any) -> Answer:  # noqa: ANN401
        """None."""
        del wanted, paging
        return {"session_id": session_id, "total_count": 0, "logs": [], "next_cursor": None}

    def stages(self, task_id: str) -> Answer:
        """What a test set."""
        self.task(task_id)
        return {"task_id": task_id, "stages": self.stage_rows}

    def job_stages(self, job_id: str) -> Answer:
        """None."""
        return {"job_id": job_id, "stages": []}

    def executions(
        self, *, job_id: str | None, status: tuple[str, ...], limit: int, offset: int
    ) -> Answer:
        """None."""
        del job_id, status, limit, offset
        return {"executions": [], "count": 0, "total": 0, "has_more": False}

    def search(
        self, wanted: EntryFilter, *, limit: int, seconds: float, stop: Event, by_task: bool
    ) -> Iterator[SearchStep]:
        """Every entry that matches, in one step."""
        del seconds, stop, by_task
        found = [row for row in self.rows if matches(wanted, row)]
        shown = found[:limit]
        size, trails = 1_000_000, 1
        told = SearchProgress(len(shown), len(found), size, size, trails, trails, "complete")
        yield Step(shown, told)

    def holds(self) -> Sequence[Mapping[str, Any]]:
        """None."""
        return []

    def dead(self) -> Sequence[Mapping[str, Any]]:
        """None."""
        return []


def connection_to(reader: MemoryReader, url: str | None = None) -> Connection:
    """The reader, as a command has it."""
    return Connection(reader, url, refresh=lambda: None)
