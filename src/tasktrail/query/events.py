"""Events of coordinators: decisions, triggers, errors, starts and ends, as they are answered."""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Raw

from tasktrail.errors import InvalidCursor, TasktrailError
from tasktrail.index.coordinator_pages import EventPlace, count_events, list_events
from tasktrail.index.database import Queries
from tasktrail.model.channels import EVENTS
from tasktrail.model.entry import parse_line
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.ledger_filters import EventFilter
from tasktrail.model.page import Paging, decode_cursor, encode_cursor
from tasktrail.model.times import utc_text
from tasktrail.model.view import message_of
from tasktrail.query.rows import Row
from tasktrail.store.layout import Layout
from tasktrail.store.scan import Range, read_ranges

NEWEST: Final = (MAX_SEQ, "", 0)


def events_page(queries: Queries, layout: Layout, wanted: EventFilter, paging: Paging) -> Row:
    """`events`, newest first, `total_count` and `next_cursor`; raises InvalidCursor."""
    name = _name(wanted)
    found = list_events(queries, wanted, limit=paging.limit + 1, before=_place(name, paging.cursor))
    page = found[: paging.limit]
    more = len(found) > len(page)
    return {
        "events": _rows(layout, page),
        "total_count": count_events(queries, wanted),
        "next_cursor": encode_cursor(name, _place_of(page[-1])) if more else None,
    }


def _rows(layout: Layout, page: Sequence[EventPlace]) -> list[Row]:
    """The events with their text, each trail read once."""
    by_trail = {key: [one for one in page if one.key == key] for key in {one.key for one in page}}
    lines: dict[EventPlace, bytes | None] = {}
    for key, places in by_trail.items():
        ranges = [Range(EVENTS, one.offset, one.length) for one in places]
        lines |= zip(places, read_ranges(layout, key, ranges), strict=True)
    return [_row(one, lines[one]) for one in page]


def _row(one: EventPlace, line: bytes | None) -> Row:
    message, details = None, None
    try:
        event = parse_line(line or b"", EVENTS, one.key).event
        message, details = message_of(event), event.data.get("details")
    except (TasktrailError, ValueError):
        details = None  # the line cannot be read: what the index knows of it is still shown
    return {
        "event_id": f"{one.key.id}#{one.seq}",
        "timestamp": utc_text(one.at),
        "event_type": one.event_type,
        "severity": one.severity,
        "message": message,
        "context_type": one.context_type,
        "context_id": one.context_id,
        "session_id": one.session_id,
        "task_id": one.key.id if one.key.family == "tasks" else None,
        "worker_id": one.worker_id,
        "seq": one.seq,
        "details": Raw(b"null") if details is None else details,
    }


def _name(wanted: EventFilter) -> str:
    """What a cursor is bound to; a time relative to now is the same as long as it is said so."""
    said = msgspec.structs.asdict(wanted)
    if wanted.ago is not None:
        said["since"] = wanted.ago
    return "events " + hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]


def _place_of(one: EventPlace) -> tuple[int, str, int]:
    return one.at, f"{one.key.family}/{one.key.id}", one.seq


def _place(name: str, cursor: str | None) -> tuple[int, str, int]:
    if cursor is None:
        return NEWEST
    match decode_cursor(name, cursor):
        case (int(at), str(trail), int(seq)):
            return at, trail, seq
    raise InvalidCursor(f"expected a cursor of events, found {cursor[:80]!r}")
