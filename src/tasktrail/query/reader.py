"""The reader: the only way anything is read.

The index says which entries, the trail says what they are. Every answer holds all that was recorded
when it was asked for; no answer depends on the index's age.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event
from typing import Final, TypedDict, Unpack

from msgspec import structs

from tasktrail.errors import EntryNotFound, TaskNotFound
from tasktrail.index.database import Queries
from tasktrail.index.rollups import sources_of
from tasktrail.index.sql_door import SqlAnswer, ask_in_sql
from tasktrail.index.state import Index, positions_of
from tasktrail.model.deeds import MOST_DEEDS
from tasktrail.model.filters import MAX_SEQ, EntryFilter, TaskFilter, combined
from tasktrail.model.ids import TrailKey
from tasktrail.model.page import DEFAULT_LIMIT, Paging
from tasktrail.query.executions import execution_page, execution_row
from tasktrail.query.histogram import histogram_of
from tasktrail.query.jobs import Scope, list_entries, list_stages
from tasktrail.query.kept import dead_rows, hold_rows
from tasktrail.query.ledger import Ledger
from tasktrail.query.opening import MESSAGE, body_of, opening_of, stats_in
from tasktrail.query.pages import page_of, read_rows
from tasktrail.query.present_trails import PresentTrails
from tasktrail.query.rows import Row
from tasktrail.query.search_all import Search, SearchBounds, SearchStep
from tasktrail.query.sections import sections_of
from tasktrail.query.seq_lists import MOST_SEQS, SeqList, seqs_of
from tasktrail.query.snapshot import search_targets
from tasktrail.query.stage_memory import StageMemory
from tasktrail.query.task_pages import Ahead, look_ahead, summary_in, task_page
from tasktrail.query.timeline import timeline_of
from tasktrail.query.trail_files import TrailFile, list_files, open_trail_file
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root

EVERY_ENTRY: Final = EntryFilter()
EVERY_TASK: Final = TaskFilter()


class PageWords(TypedDict, total=False):
    """The words of `Paging`, as arguments of a question."""

    limit: int
    offset: int
    order: str
    cursor: str | None
    preview: int | None


class SearchWords(TypedDict, total=False):
    """The words of `SearchBounds`, as arguments of a search."""

    limit: int
    per_task: int | None
    seconds: float
    stop: Event | None
    by_task: bool


class Reader(PresentTrails):
    """Answers questions about trails; may be used by many threads at once."""

    def __init__(
        self, layout: Layout, root: Root, index: Index, *, wait_seconds: float = 1.0
    ) -> None:
        super().__init__(layout, root, index, wait_seconds=wait_seconds)
        self._stages = StageMemory()

    @property
    def ledger(self) -> Ledger:
        """Sessions, workers, events of coordinators, and costs."""
        return Ledger(self)

    def tasks(
        self,
        wanted: TaskFilter = EVERY_TASK,
        *,
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> Row:
        """`tasks`, newest first, `total_count` and `next_cursor`; raises InvalidCursor."""
        paging, recorded = Paging(limit=limit, cursor=cursor), self.recorded()
        self.wait_for(recorded)

        def answer(queries: Queries) -> Row:
            trails = self.ahead(positions_of(queries), recorded)
            ahead = look_ahead(self.layout, queries, trails) if trails else Ahead()
            page = task_page(self.layout, queries, wanted, paging, ahead)
            return page if trails is not None else page | {"behind": True}

        return self.ask(answer)

    def task(self, task_id: str) -> Row:
        """The task's summary with its `last_message`; raises TaskNotFound."""
        key = self.key(task_id)
        self.wait_for_costs(key)
        return self.on_trail(key, lambda view: summary_in(self.layout, view))

    def logs(
        self, task_id: str, wanted: EntryFilter = EVERY_ENTRY, **paging: Unpack[PageWords]
    ) -> Row:
        """`task_id`, `total_count`, `logs`, `next_cursor`; raises TaskNotFound, InvalidCursor."""
        key, page = self.key(task_id), Paging(**paging)
        return {"task_id": key.id} | self.on_trail(
            key, lambda view: page_of(self.layout, view, wanted, page)
        )

    def session_logs(
        self, session_id: str, wanted: EntryFilter = EVERY_ENTRY, **paging: Unpack[PageWords]
    ) -> Row:
        """The same of what a session said beside its tasks; raises NotFound, InvalidCursor."""
        try:
            key, page = self.key(session_id, family="sessions"), Paging(**paging)
        except TaskNotFound:  # all that it said was said in tasks, or there is none
            self.ledger.session(session_id)
            nothing = {"total_count": 0, "logs": [], "next_cursor": None}
            return {"session_id": session_id} | nothing
        return {"session_id": key.id} | self.on_trail(
            key, lambda view: page_of(self.layout, view, wanted, page)
        )

    def stats(self, task_id: str, wanted: EntryFilter = EVERY_ENTRY) -> Row:
        """`total` and how many of which level, source and so on; raises TaskNotFound."""
        return self.on_trail(self.key(task_id), lambda view: stats_in(self.layout, view, wanted))

    def sources(self, task_id: str) -> list[str]:
        """Every source of the task's entries, once; raises TaskNotFound."""
        return self.on_trail(self.key(task_id), lambda view: sources_of(view.kinds()))

    def entry(self, task_id: str, seq: int) -> Row:
        """One entry, whole; raises TaskNotFound or EntryNotFound."""
        key = self.key(task_id)

        def answer(view: TrailView) -> Row:
            found = view.select(EVERY_ENTRY).up(after=seq - 1, before=seq + 1, limit=1)
            rows = read_rows(self.layout, key, found, preview=None).rows
            if not rows:
                raise EntryNotFound(f"expected an entry {seq} in {key.name}, there is none")
            return rows[0]

        return self.on_trail(key, answer)

    def body(self, task_id: str, seq: int, part: str = MESSAGE) -> bytes:
        """One part of an entry as bytes: its message, line, metadata or event.

        Raises TaskNotFound, EntryNotFound or InvalidFilter.
        """
        key = self.key(task_id)
        return self.on_trail(key, lambda view: body_of(self.layout, view, seq, part))

    def histogram(
        self, task_id: str, wanted: EntryFilter = EVERY_ENTRY, *, buckets: int = 60
    ) -> Row:
        """How many entries lie in which stretch of time; raises TaskNotFound, InvalidFilter."""
        key = self.key(task_id)
        return {"task_id": key.id} | self.on_trail(
            key, lambda view: histogram_of(self.layout, view, wanted, buckets)
        )

    def seqs(
        self, task_id: str, wanted: EntryFilter = EVERY_ENTRY, *, limit: int = MOST_SEQS
    ) -> SeqList:
        """The seqs of all entries that match; raises TaskNotFound."""
        key = self.key(task_id)
        return self.on_trail(key, lambda view: seqs_of(self.layout, view, wanted, limit=limit))

    def stages(self, task_id: str) -> Row:
        """The task's stages in the order in which they appeared; raises TaskNotFound."""
        key = self.key(task_id)
        found = self.on_trail(key, lambda view: self._stages.stages_of(self.layout, view))
        return {"task_id": key.id, "stages": found}

    def timeline(self, task_id: str, *, limit: int = MOST_DEEDS) -> Row:
        """What its workers did, of so many entries; raises TaskNotFound."""
        key = self.key(task_id)
        found = self.on_trail(key, lambda view: timeline_of(self.layout, view, limit=limit))
        return {"task_id": key.id} | found

    def open(
        self,
        task_id: str,
        wanted: EntryFilter = EVERY_ENTRY,
        *,
        tail: int = DEFAULT_LIMIT,
        preview: int | None = None,
    ) -> Row:
        """All that a page of the task begins with, as of one moment; raises TaskNotFound."""
        return self.on_trail(
            self.key(task_id),
            lambda view: opening_of(
                self.layout, view, wanted, tail=tail, preview=preview, stages=self._stages
            ),
        )

    def files(self, task_id: str) -> Row:
        """The files of the task's trail with their sizes; raises TaskNotFound."""
        key = self.key(task_id)
        return {
            "task_id": key.id,
            "files": list_files(self.layout, key, below=self.recorded_for(key)),
        }

    def file(self, task_id: str, name: str) -> AbstractContextManager[TrailFile]:
        """A block with one file of the trail; raises TaskNotFound or FileNotFound."""
        key = self.key(task_id)
        return open_trail_file(self.layout, key, name, below=self.recorded_for(key))

    def job_logs(
        self,
        job_id: str,
        wanted: EntryFilter = EVERY_ENTRY,
        *,
        name: str | None = None,
        **paging: Unpack[PageWords],
    ) -> Row:
        """A job's entries over all its trails, or those of one of its items; never unknown."""
        scope = Scope(f"job {job_id}", job_id, name)
        return {"job_id": job_id} | self.over(
            lambda found: found.trails_of_job(job_id),
            lambda found, trails: list_entries(found, trails, scope, wanted, Paging(**paging)),
        )

    def job_stages(self, job_id: str) -> Row:
        """A job's stages and their items in the order in which they appeared; never unknown."""
        return {"job_id": job_id} | self.over(
            lambda found: found.trails_of_job(job_id),
            lambda found, trails: {"stages": list_stages(found, trails, job_id)},
        )

    def executions(
        self,
        *,
        job_id: str | None = None,
        status: tuple[str, ...] = (),
        limit: int = 50,
        offset: int = 0,
    ) -> Row:
        """Executions of scheduled jobs, newest first; raises InvalidFilter for a bad status."""
        paging = Paging(limit=limit, offset=offset)
        return self.settled(
            lambda queries: execution_page(queries, job_id=job_id, status=status, paging=paging)
        )

    def execution(self, execution_id: str) -> Row:
        """One execution; raises ExecutionNotFound."""
        return self.settled(lambda queries: execution_row(queries, execution_id))

    def execution_logs(
        self, execution_id: str, wanted: EntryFilter = EVERY_ENTRY, **paging: Unpack[PageWords]
    ) -> Row:
        """The entries of an execution over all trails; raises ExecutionNotFound."""
        self.execution(execution_id)
        scope = Scope(f"execution {execution_id}")
        own = combined(wanted, EntryFilter(execution_id=(execution_id,)))
        return {"execution_id": execution_id} | self.over(
            lambda found: found.trails_of_execution(execution_id),
            lambda found, trails: list_entries(found, trails, scope, own, Paging(**paging)),
        )

    def search(
        self,
        wanted: EntryFilter,
        *,
        tasks: TaskFilter = EVERY_TASK,
        **bounds: Unpack[SearchWords],
    ) -> Iterator[SearchStep]:
        """Hits over all trails, or tasks with their hits, as they are found; see `search_all`."""
        recorded = self.recorded()
        indexed = self._index.positions()
        ahead = self.ahead(indexed, recorded)
        targets = self.ask(
            lambda queries: search_targets(
                self.layout, queries, wanted, tasks, ahead, lambda key: recorded[self.p_of(key)]
            )
        )

        def choose(key: TrailKey, *, limit: int) -> tuple[int, list[Row]]:
            return self.on_trail(key, lambda view: _newest(self.layout, view, wanted, limit))

        return Search(self.layout, targets, wanted, SearchBounds(**bounds), choose).run()

    @contextmanager
    def sql(self, text: str, *, seconds: float = 60.0) -> Iterator[SqlAnswer]:
        """A block with the answer of the index to a question in SQL, whose rows come as they are.

        Raises InvalidSql, QueryTimeout or IndexFailed, also while rows are taken.
        """
        self.wait_for(self.recorded())
        is_behind = self.is_behind
        with ask_in_sql(self.layout, self._index, text, seconds=seconds) as answer:
            yield structs.replace(answer, is_behind=is_behind)

    def sections(self, task_id: str) -> Row:
        """The whole task in sections, those that have something in them; raises TaskNotFound."""
        key = self.key(task_id)
        below = self.recorded_for(key)
        return self.on_trail(
            key, lambda view: sections_of(self.layout, view, below=below), below=below
        )

    def holds(self) -> Iterator[Row]:
        """Every webhook flow that no task has claimed."""
        return hold_rows(self.layout)

    def dead(self) -> Iterator[Row]:
        """Every dead letter, with its bytes in base64."""
        return dead_rows(self.layout)


def _newest(
    layout: Layout, view: TrailView, wanted: EntryFilter, limit: int
) -> tuple[int, list[Row]]:
    """How many entries match, and the newest of them."""
    selection = view.select(wanted)
    found = selection.down(after=-1, before=MAX_SEQ, limit=limit) if limit else []
    return selection.count(), read_rows(layout, view.key, found).rows
