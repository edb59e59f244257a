"""Pages of entries: which ones, in which order, and the cursor of the next page.

Three ways through a trail: `up` from the oldest, `down` from the newest, and `tail`, which
`before_seq` alone asks for: the entries just before it, in rising order, the next page before them.
A page ends at its limit, or earlier where its lines would not fit into memory; the cursor goes on
from there. `offset` counts from where the first page begins; with a cursor it is over.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tasktrail.errors import InvalidCursor, TornEntry
from tasktrail.index.entries import Pick, Pointer
from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.page import Paging, decode_cursor, encode_cursor
from tasktrail.query.rows import Row, preview_of, row_at
from tasktrail.query.text_pages import DOWN, TAIL, UP, Bounds, Searched, search_page
from tasktrail.query.trail_view import Selection, TrailView
from tasktrail.store.layout import Layout
from tasktrail.store.scan import read_ranges

PAGE_BYTES: Final = 192 << 20  # lines of one page; the longest event and much beside it
READ_BYTES: Final = 8 << 20  # lines read at once


class Rows(NamedTuple):
    """The rows of a page, how many lines could not be read, and whether it ended too early."""

    rows: list[Row]
    unreadable: int
    last: Pointer | None
    is_cut: bool


def page_of(
    layout: Layout,
    view: TrailView,
    wanted: EntryFilter,
    paging: Paging,
    *,
    pick: Pick | None = None,
    max_bytes: int = PAGE_BYTES,
) -> Row:
    """`total_count`, `logs` and `next_cursor` of one page; raises InvalidCursor.

    `is_partial`: a search took too long; the count is what was found until then, and a page that
    is not full goes on at its cursor.
    """
    name = f"{view.key.name} {wanted.fingerprint()} {_way(wanted, paging)}"
    bounds = _bounds(wanted, paging, name)
    if wanted.has_text:
        found = search_page(layout, view, wanted, bounds, pick=pick)
    else:
        selection = view.select(wanted, pick)
        found = Searched(_plain(selection, bounds), selection.count())
    rows = read_rows(
        layout,
        view.key,
        found.pointers[: bounds.limit],
        preview=paging.preview,
        max_bytes=max_bytes,
    )
    if bounds.way == TAIL:
        rows.rows.reverse()
    answer: Row = {"total_count": found.total, "logs": rows.rows, "next_cursor": None}
    if rows.last is not None and (len(found.pointers) > bounds.limit or rows.is_cut):
        answer["next_cursor"] = encode_cursor(name, (rows.last.seq,))
    elif found.cut_at is not None:
        answer["next_cursor"] = encode_cursor(name, (found.cut_at,))
    if found.is_partial:
        answer["is_partial"] = True
    if rows.unreadable:
        answer["unreadable"] = rows.unreadable
    return answer


def read_rows(
    layout: Layout,
    key: TrailKey,
    pointers: Sequence[Pointer],
    *,
    preview: int | None = None,
    max_bytes: int = PAGE_BYTES,
) -> Rows:
    """The rows of these entries, in their order, as many as fit."""
    rows: list[Row] = []
    unreadable = held = 0
    last = None
    for block in _blocks(pointers, min(READ_BYTES, max_bytes)):
        size = sum(one.length for one in block)
        if rows and held + size > max_bytes and preview is None:
            return Rows(rows, unreadable, last, is_cut=True)
        held += size
        lines = read_ranges(layout, key, [(one.channel, one.offset, one.length) for one in block])
        for pointer, line in zip(block, lines, strict=True):
            last = pointer
            try:
                row = row_at(line or b"", pointer.channel, key)
            except TornEntry:
                unreadable += 1
                continue
            rows.append(row if preview is None else preview_of(row, preview))
    return Rows(rows, unreadable, last, is_cut=False)


def _way(wanted: EntryFilter, paging: Paging) -> str:
    if paging.order == "desc":
        return DOWN
    return TAIL if wanted.before_seq is not None and wanted.after_seq is None else UP


def _bounds(wanted: EntryFilter, paging: Paging, name: str) -> Bounds:
    way, after, before = _way(wanted, paging), wanted.after_seq, wanted.before_seq
    after = -1 if after is None else after
    before = MAX_SEQ if before is None else before
    if paging.cursor is None:
        return Bounds(way, after, before, paging.offset, paging.limit)
    (seq,) = decode_cursor(name, paging.cursor)
    if not isinstance(seq, int):
        raise InvalidCursor(f"expected a cursor of entries, found {paging.cursor[:80]!r}")
    if way == UP:
        return Bounds(way, max(after, seq), before, 0, paging.limit)
    return Bounds(way, after, min(before, seq), 0, paging.limit)


def _plain(selection: Selection, bounds: Bounds) -> list[Pointer]:
    """The page's entries and one more, where there is one."""
    find = selection.up if bounds.way == UP else selection.down
    return find(
        after=bounds.after, before=bounds.before, limit=bounds.limit + 1, offset=bounds.offset
    )


def _blocks(pointers: Sequence[Pointer], max_bytes: int) -> Iterator[list[Pointer]]:
    """The entries in groups that are read at once."""
    block: list[Pointer] = []
    held = 0
    for pointer in pointers:
        if block and held + pointer.length > max_bytes:
            yield block
            block, held = [], 0
        block.append(pointer)
        held += pointer.length
    if block:
        yield block
