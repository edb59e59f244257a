"""Lists of tasks, the newest first.

The index lists them; trails that advanced since are looked at one by one and put in their place.
The order (when its first entry was recorded, then its id) never changes for a task, so paging is
stable while others arrive.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from msgspec import Struct

from tasktrail.errors import InvalidCursor, TaskNotFound, TornEntry
from tasktrail.index.costs import sums_of_tasks
from tasktrail.index.database import Queries
from tasktrail.index.entries import Pointer, last_pointers, last_times
from tasktrail.index.peek import UNVIEWABLE, message_in
from tasktrail.index.tasks import Listed, TrailState, count_tasks, find_state, list_tasks
from tasktrail.model.documents import summary_of
from tasktrail.model.filters import TaskFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.page import Paging, decode_cursor, encode_cursor
from tasktrail.model.times import known_time
from tasktrail.query.costs import with_costs
from tasktrail.query.rows import Row
from tasktrail.query.trail_view import TrailView, trail_view
from tasktrail.store.layout import Layout
from tasktrail.store.scan import read_ranges

LAST_MESSAGE_CHARACTERS: Final = 500  # of a task's latest entry, as its summary shows it


class Ahead(Struct):
    """What the index does not know yet: tasks as they are now, and as the index has them."""

    now: list[tuple[Listed, Row]] = []
    indexed: list[TrailState] = []

    @property
    def ids(self) -> set[str]:
        """The tasks that are taken from here."""
        return {one.id for one, _ in self.now}


def look_ahead(layout: Layout, queries: Queries, trails: Mapping[TrailKey, int]) -> Ahead:
    """The tasks among the trails as they are recorded now: trail → place to read up to."""
    ahead = Ahead()
    for key, below in trails.items():
        if key.family != "tasks":
            continue
        with suppress(TaskNotFound), trail_view(layout, queries, key, below=below) as view:
            state = view.parts[-1].state
            listed = Listed(state.created, key.id, state.number, state.as_of, state.task)
            ahead.now.append((listed, summary_in(layout, view)))
            known = find_state(queries, key)
            if known is not None:
                ahead.indexed.append(known)
    return ahead


def task_page(
    layout: Layout, queries: Queries, wanted: TaskFilter, paging: Paging, ahead: Ahead
) -> Row:
    """`tasks`, `total_count` and `next_cursor` of one page; raises InvalidCursor."""
    name = f"tasks {wanted.fingerprint()}"
    before = _place(name, paging.cursor)
    known = list_tasks(queries, wanted, limit=paging.limit + 1 + len(ahead.now), before=before)
    ids = ahead.ids
    rows: list[tuple[Listed, Row | None]] = [(one, None) for one in known if one.id not in ids]
    matching = [(one, row) for one, row in ahead.now if _matches(wanted, one)]
    rows += [(one, row) for one, row in matching if before is None or one.place < before]
    rows.sort(key=lambda found: found[0].place, reverse=True)
    page = rows[: paging.limit]
    shown = iter(_summaries(layout, queries, [one for one, row in page if row is None]))
    superseded = sum(_matches(wanted, _listed(state)) for state in ahead.indexed)
    return {
        "tasks": [row or next(shown) for _, row in page],
        "total_count": count_tasks(queries, wanted) - superseded + len(matching),
        "next_cursor": encode_cursor(name, page[-1][0].place) if len(rows) > len(page) else None,
    }


def summary_in(layout: Layout, view: TrailView) -> Row:
    """The task as it is answered everywhere, with the time and message of its latest entry."""
    number, queries = view.parts[-1].state.number, view.parts[-1].queries
    sums = sums_of_tasks(view.base, [view.key.id])[view.key.id]
    times = [last_times(one.queries, [one.state.number]) for one in view.parts]
    return with_costs(summary_of(view.task), sums) | {
        "last_at": known_time(max((at for some in times for at in some.values()), default=None)),
        "as_of": view.head,
        "last_message": _message(layout, view.key, last_pointers(queries, [number]).get(number)),
    }


def _summaries(layout: Layout, queries: Queries, listed: Sequence[Listed]) -> Iterator[Row]:
    """The same of many tasks, as the index has them."""
    numbers = [one.number for one in listed]
    sums = sums_of_tasks(queries, [one.id for one in listed])
    times, pointers = last_times(queries, numbers), last_pointers(queries, numbers)
    for one in listed:
        pointer = pointers.get(one.number)
        yield with_costs(summary_of(one.task), sums[one.id]) | {
            "last_at": known_time(times.get(one.number)),
            "as_of": one.as_of,
            "last_message": _message(layout, TrailKey("tasks", one.id), pointer),
        }


def _message(layout: Layout, key: TrailKey, pointer: Pointer | None) -> str | None:
    if pointer is None:
        return None
    place = (pointer.channel, pointer.offset, pointer.length)
    (line,) = read_ranges(layout, key, [place])
    try:
        message = message_in(line or b"", pointer.channel, key)
    except (TornEntry, *UNVIEWABLE):
        return None
    return message[:LAST_MESSAGE_CHARACTERS]


def _place(name: str, cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    match decode_cursor(name, cursor):
        case (int(created), str(task_id)):
            return created, task_id
    raise InvalidCursor(f"expected a cursor of tasks, found {cursor[:80]!r}")


def _listed(state: TrailState) -> Listed:
    return Listed(state.created, state.key.id, state.number, state.as_of, state.task)


def _matches(wanted: TaskFilter, one: Listed) -> bool:
    """Whether the filter lets the task through, as the index would say it."""
    task = one.task
    if wanted.since is not None and one.created < wanted.since:
        return False
    if not (_among(task.status, wanted.status) and _among(task.source, wanted.source)):
        return False
    if not _among(task.agent, wanted.agent):
        return False
    if wanted.session_id is not None and task.session_id != wanted.session_id:
        return False
    if wanted.job_id is not None and task.job_id != wanted.job_id:
        return False
    searched = (wanted.search or "").casefold()
    return searched in one.id.casefold() or searched in (task.title or "").casefold()


def _among(said: str | None, allowed: Sequence[str]) -> bool:
    return not allowed or said in allowed
