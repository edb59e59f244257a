"""Events, entries and lines in one call each."""

from typing import Any

from tasktrail.model.codec import encode
from tasktrail.model.entry import Entry, first_h, render_line, seal_line
from tasktrail.model.event import Event, parse_event
from tasktrail.model.ids import TrailKey

TRAIL = TrailKey("tasks", "gh-1")
START = 1_763_776_000_000_000  # µs since the epoch


def event_bytes(event_type: str, task_id: str | None = TRAIL.id, **fields: Any) -> bytes:  # noqa: ANN401 - JSON is anything
    """The JSON of an event; keys of `data` are given as `data={…}`."""
    ids = {} if task_id is None else {"task_id": task_id}
    return encode({"type": event_type, **ids, **fields})


def event(event_type: str, task_id: str | None = TRAIL.id, **fields: Any) -> Event:  # noqa: ANN401 - JSON is anything
    """The event."""
    return parse_event(event_bytes(event_type, task_id, **fields))


def entry(seq: int, event_type: str, **fields: Any) -> Entry:  # noqa: ANN401 - JSON is anything
    """The event as recorded in the trail gh-1, one second after the one before."""
    return Entry(seq, f"t:{seq}", START + seq * 1_000_000, seq * 100, event(event_type, **fields))


def line_of(one: Entry, trail: TrailKey = TRAIL) -> tuple[str, bytes]:
    """The entry's channel and its sealed line, without line end."""
    channel, line = render_line(one, trail)
    return channel, seal_line(line, first_h(trail))[0][:-1]
