"""What a root knows to be missing: gaps in what was read, and losses that producers tell.

They stand in Tasktrail's own session, because nobody knows whose events they were; a loss whose
task is known stands in that task's trail.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import decode
from tasktrail.model.ids import OWN_SESSION, TrailKey
from tasktrail.store.layout import Layout
from tasktrail.store.scan import iter_trail

TOLD_BY: Final = ("gap", "loss")
KEY: Final = TrailKey("sessions", OWN_SESSION)


class Missing(Struct, frozen=True, kw_only=True):
    """Events that are missing: since when that is known, at which door, how many, why."""

    at: str
    kind: str  # gap: they vanished before they were read; loss: their producer could not keep them
    place: str
    missing: int | None  # `None`: nobody knows
    after: int | str | None = None  # the last that was read before the gap
    before: int | str | None = None  # the first that was read behind it
    message: str


def iter_missing(layout: Layout) -> Iterator[Missing]:
    """Every gap and every loss without a task, oldest first."""
    for _, line in iter_trail(layout, KEY, below=None):
        try:
            stored = _mapping(decode(line))
        except InvalidEvent:  # verify tells
            continue
        event = _mapping(stored.get("event"))
        if event.get("event_type") in TOLD_BY:
            yield _missing(str(stored.get("recorded_at")), event)


def _missing(at: str, event: Mapping[str, Any]) -> Missing:
    kind, words = str(event["event_type"]), _mapping(event.get("data"))
    message = words.get("message")
    return Missing(
        at=at,
        kind=kind,
        place=_place(words),
        missing=_number(words.get("lost" if kind == "loss" else "missing")),
        after=words.get("after"),
        before=words.get("before"),
        message=kind if message is None else str(message),
    )


def _place(words: Mapping[str, Any]) -> str:
    """The door at which they are missing, as far as it was said."""
    if "stream" in words:
        return f"Redis stream {words['stream']}"
    if "outbox" in words:
        return f"outbox {words['outbox']}"
    if "partition" in words:
        return f"spool of partition {words['partition']}"
    return f"producer {words['src']}" if "src" in words else "-"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
