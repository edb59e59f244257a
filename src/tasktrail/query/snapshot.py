"""All trails as of one moment, for answers that go over several of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tasktrail.index.advance import channel_sizes
from tasktrail.index.database import Queries
from tasktrail.index.executions import trails_of_execution
from tasktrail.index.tasks import list_tasks, trails_of_job, trails_to_search
from tasktrail.model.entry_filter import EntryFilter, fits_names
from tasktrail.model.filters import TaskFilter
from tasktrail.model.ids import TrailKey
from tasktrail.query.search_all import SearchTarget
from tasktrail.query.trail_view import TrailView, trail_view
from tasktrail.store.catalog import iter_trails
from tasktrail.store.layout import Layout

Below = Callable[[TrailKey], int]  # the place up to which a trail is recorded
EVERY_TASK = TaskFilter()


class Snapshot:
    """The index at one moment, and each trail as it is recorded by then."""

    def __init__(self, layout: Layout, queries: Queries, below: Below) -> None:
        self.layout = layout
        self._queries = queries
        self._below = below

    @contextmanager
    def view(self, key: TrailKey) -> Iterator[TrailView]:
        """A block with the trail; raises TaskNotFound."""
        with trail_view(self.layout, self._queries, key, below=self._below(key)) as view:
            yield view

    def trails_of_job(self, job_id: str) -> list[TrailKey]:
        """The trails that have entries of the job, the oldest first."""
        return trails_of_job(self._queries, job_id)

    def trails_of_execution(self, execution_id: str) -> list[TrailKey]:
        """The trails that have entries of the execution, the oldest first."""
        return trails_of_execution(self._queries, execution_id)


def search_targets(
    layout: Layout,
    queries: Queries,
    wanted: EntryFilter,
    tasks: TaskFilter,
    ahead: Mapping[TrailKey, int] | None,
    below: Below,
) -> list[SearchTarget]:
    """The trails to search, the one with the latest entry first.

    Trails that the index does not have whole come before all others, as long as they are now.
    """
    fresh = list(iter_trails(layout) if ahead is None else ahead)
    first = [
        SearchTarget(key, sizes, below(key))
        for key in fresh
        if _fits(key, wanted) and (sizes := channel_sizes(layout, key))
    ]
    known = {target.key for target in first}
    rest = [
        SearchTarget(key, sizes, below(key), matching, title)
        for key, sizes, matching, title in trails_to_search(queries, wanted)
        if key not in known and sizes
    ]
    if tasks == EVERY_TASK:
        return first + rest
    ids = {one.id for one in list_tasks(queries, tasks, limit=-1, before=None)}
    return [one for one in (*first, *rest) if one.key.family == "tasks" and one.key.id in ids]


def _fits(key: TrailKey, wanted: EntryFilter) -> bool:
    return fits_names(wanted, {"task_id": key.id if key.family == "tasks" else None})
