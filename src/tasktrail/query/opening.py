"""What a page about a task begins with, in one answer; and single parts of single entries."""

from typing import Final

import msgspec
from msgspec import Raw

from tasktrail.errors import EntryNotFound, InvalidFilter
from tasktrail.index.rollups import sources_of, stats_of
from tasktrail.model.filters import EntryFilter
from tasktrail.model.page import Paging
from tasktrail.query.pages import page_of, read_rows
from tasktrail.query.rows import Row
from tasktrail.query.stage_memory import StageMemory
from tasktrail.query.task_pages import summary_in
from tasktrail.query.text_pages import Hits
from tasktrail.query.text_scan import counted_of
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout
from tasktrail.store.scan import read_line_at

MESSAGE: Final = "message"
LINE: Final = "line"
PARTS: Final = (MESSAGE, LINE, "metadata", "event")
EVERY_ENTRY: Final = EntryFilter()


def opening_of(
    layout: Layout,
    view: TrailView,
    wanted: EntryFilter,
    *,
    tail: int,
    preview: int | None,
    stages: StageMemory,
) -> Row:
    """The task, its counts, its stages and the last entries that match, oldest first."""
    newest = Paging(limit=max(1, tail), order="desc", preview=preview)
    page = page_of(layout, view, wanted, newest)
    kinds = view.kinds()
    return {
        "task": summary_in(layout, view),
        "head": view.head,
        "stats": stats_of(kinds),
        "sources": sources_of(kinds),
        "stages": stages.stages_of(layout, view),
        "total_count": page["total_count"],
        "logs": page["logs"][::-1] if tail else [],
        "next_cursor": page["next_cursor"] if tail else None,
        **({"is_partial": True} if "is_partial" in page else {}),
    }


def stats_in(layout: Layout, view: TrailView, wanted: EntryFilter) -> Row:
    """How many of the entries that match have which level, source and so on."""
    if wanted == EVERY_ENTRY:
        return stats_of(view.kinds())
    if not wanted.has_text:
        return stats_of(view.select(wanted).counted())
    hits = Hits(layout, view, wanted)
    stats = stats_of(counted_of(hit) for hit in hits)
    return stats | {"is_partial": True} if hits.is_partial else stats


def body_of(layout: Layout, view: TrailView, seq: int, part: str) -> bytes:
    """The entry's part as bytes; raises EntryNotFound or InvalidFilter."""
    if part not in PARTS:
        raise InvalidFilter(f"part: expected one of {', '.join(PARTS)}, found {part!r}")
    found = view.select(EVERY_ENTRY).up(after=seq - 1, before=seq + 1, limit=1)
    if found and part == LINE:
        place = found[0]
        return read_line_at(layout, view.key, place.channel, place.offset, place.length)
    rows = read_rows(layout, view.key, found, preview=None).rows
    if not rows:
        raise EntryNotFound(f"expected an entry {seq} in {view.key.name}, there is none")
    value = rows[0][part]
    if part == MESSAGE:
        return str(value).encode("utf-8", "surrogatepass")
    return bytes(value) if isinstance(value, Raw) else msgspec.json.encode(value)
