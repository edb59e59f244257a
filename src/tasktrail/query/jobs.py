"""Jobs and executions: entries of several trails as one list, and their stages and items.

A job's entries are those that name it, and those that name no job in a trail that is the job's own.
Each belongs to an item: the one it names, else its stage, else `unknown`; the list of items and the
list of their entries go by the same rule, so they always agree. Order is that of first appearance:
trail by trail, the oldest first, and by `seq` within each.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from tasktrail.errors import InvalidCursor, TaskNotFound
from tasktrail.index.entries import Counted, Pick
from tasktrail.model.filters import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.page import Paging, decode_cursor, encode_cursor
from tasktrail.query.pages import page_of
from tasktrail.query.rows import Row
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout

UNKNOWN: Final = "unknown"


class Views(Protocol):
    """What is needed of the reader."""

    @property
    def layout(self) -> Layout:
        """Where the trails are."""

    def view(self, key: TrailKey) -> AbstractContextManager[TrailView]:
        """A block with the trail as it is recorded by now; raises TaskNotFound."""


class Scope(Struct, frozen=True):
    """Which entries are meant: of a job, of one of its items, or of an execution."""

    name: str  # what a cursor is bound to
    job_id: str | None = None
    item: str | None = None

    def pick(self, view: TrailView) -> Pick | None:
        """Which of the trail's entries belong here; `None` when the filter alone decides."""
        if self.job_id is None:
            return None
        own = view.task.job_id or view.key.id

        def belongs(one: Counted) -> bool:
            return (one.whom.job_id or own) == self.job_id and self.item in {None, item_of(one)}

        return belongs


def item_of(one: Counted) -> str:
    """The item that entries of this kind and label belong to."""
    return one.whom.item or one.kind.stage or UNKNOWN


def list_stages(reader: Views, trails: Sequence[TrailKey], job_id: str) -> list[Row]:
    """A job's stages with their items and how many entries each has."""
    found: dict[str, dict[str, int]] = {}
    scope = Scope("", job_id)
    for view in _views(reader, trails):
        belongs = scope.pick(view)
        for one in view.pairs():
            if belongs is None or belongs(one):
                items = found.setdefault(one.kind.stage or UNKNOWN, {})
                items[item_of(one)] = items.get(item_of(one), 0) + one.entries
    return [
        {
            "stage": stage,
            "tasks": [{"task_id": item, "log_count": count} for item, count in items.items()],
        }
        for stage, items in found.items()
    ]


def list_entries(
    reader: Views, trails: Sequence[TrailKey], scope: Scope, wanted: EntryFilter, paging: Paging
) -> Row:
    """`total_count`, `logs` and `next_cursor` over all the trails; raises InvalidCursor."""
    name = f"{scope.name} {scope.item} {wanted.fingerprint()} {paging.order}"
    start, inner = _place(name, paging.cursor)
    order = list(trails) if paging.order == "asc" else list(trails)[::-1]
    joined = _Joined(name, paging, start, names_items=scope.job_id is not None)
    for view in _views(reader, order):
        own = joined.part(view, inner)
        pick = scope.pick(view)
        joined.add(view, page_of(reader.layout, view, wanted, own, pick=pick), own)
    return joined.answer()


class _Joined:
    """A page that is put together of pages, one trail's after the other's."""

    def __init__(self, name: str, paging: Paging, start: str | None, *, names_items: bool) -> None:
        self._name = name
        self._names_items = names_items
        self._limit = paging.limit
        self._offset = paging.offset if paging.cursor is None else 0
        self._paging = paging
        self._start = start  # the trail before which nothing belongs to the page
        self._rows: list[Row] = []
        self._total = 0
        self._cursor: str | None = None
        self._is_partial = False

    def part(self, view: TrailView, inner: str | None) -> Paging:
        """What is asked of this trail; where only its count matters, one entry."""
        cursor = None
        if view.key.name == self._start:
            self._start, cursor = None, inner
        left = self._limit - len(self._rows)
        if self._start is not None or self._cursor is not None or left == 0:
            return replace(self._paging, limit=1, offset=0, cursor=None)
        return replace(self._paging, limit=left, offset=self._offset, cursor=cursor)

    def add(self, view: TrailView, found: Row, asked: Paging) -> None:
        """The trail's page."""
        total = int(found["total_count"])
        self._total += total
        self._is_partial |= bool(found.get("is_partial"))
        if self._start is not None or self._cursor is not None:
            return
        if len(self._rows) == self._limit:
            if total:
                self._cursor = encode_cursor(self._name, (view.key.name, ""))
            return
        rows = found["logs"]
        self._rows += [_named(row, view) for row in rows] if self._names_items else rows
        if found["next_cursor"] is not None:
            self._cursor = encode_cursor(self._name, (view.key.name, found["next_cursor"]))
        self._offset = max(0, asked.offset - total)

    def answer(self) -> Row:
        """The page."""
        answer: Row = {"total_count": self._total, "logs": self._rows, "next_cursor": self._cursor}
        return answer | ({"is_partial": True} if self._is_partial else {})


def _place(name: str, cursor: str | None) -> tuple[str | None, str | None]:
    """The trail in which the page begins, and the cursor within it."""
    if cursor is None:
        return None, None
    match decode_cursor(name, cursor):
        case (str(trail), str(inner)):
            return trail, inner or None
    raise InvalidCursor(f"expected a cursor of entries, found {cursor[:80]!r}")


def _named(row: Row, view: TrailView) -> Row:
    """The row as jobs have it: its `task_id` is the item."""
    item = row["item"] or row["stage"] or UNKNOWN
    return row | {"task_id": item, "trail_id": view.key.id}


def _views(reader: Views, trails: Sequence[TrailKey]) -> Iterator[TrailView]:
    """Each trail as it is recorded by now; usable until the next one is asked for."""
    for key in trails:
        with suppress(TaskNotFound), reader.view(key) as view:
            yield view
