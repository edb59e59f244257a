"""What a root knows to be missing: gaps in what was read, and losses that producers tell.

They stand in Tasktrail's own session where nobody knows whose events they were; a loss whose task
is known stands in that task's trail, and the index says in which trails there are such.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from tasktrail.errors import InvalidEvent
from tasktrail.index.database import Queries
from tasktrail.index.entries import Span, candidates_of
from tasktrail.index.tasks import find_state, trails_to_search
from tasktrail.model.codec import decode
from tasktrail.model.filters import EntryFilter
from tasktrail.model.ids import OWN_SESSION, TrailKey
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root
from tasktrail.store.scan import iter_trail, read_ranges
from tasktrail.upkeep.index_look import ask_index

LOSS: Final = "loss"
TOLD_BY: Final = ("gap", LOSS)
LOSSES: Final = EntryFilter(event_type=(LOSS,))
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
        yield from _told(line, None)


def losses_in_tasks(layout: Layout, root: Root) -> list[Missing] | None:
    """Every loss that stands in a task's own trail, oldest first; `None`: no index says where."""

    def ask(queries: Queries) -> list[Missing]:
        trails = [key for key, *_ in trails_to_search(queries, LOSSES) if key != KEY]
        return [one for key in trails for one in _of_trail(layout, queries, key)]

    found = ask_index(layout, root, ask)
    return None if found is None else sorted(found, key=lambda one: one.at)


def _of_trail(layout: Layout, queries: Queries, key: TrailKey) -> Iterator[Missing]:
    state = find_state(queries, key)
    if state is not None:
        places = candidates_of(queries, state.number, LOSSES).pointers(queries, "up", Span())
        for line in read_ranges(layout, key, [one[1:] for one in places]):
            yield from _told(line or b"", f"{key.family.removesuffix('s')} {key.id}")


def _told(line: bytes, owner: str | None) -> Iterator[Missing]:
    """What the line says to be missing; nothing where it is about something else."""
    try:
        stored = _mapping(decode(line))
    except InvalidEvent:  # verify tells
        return
    event = _mapping(stored.get("event"))
    if event.get("event_type") in TOLD_BY:
        yield _missing(str(stored.get("recorded_at")), event, owner)


def _missing(at: str, event: Mapping[str, Any], owner: str | None) -> Missing:
    kind, words = str(event["event_type"]), _mapping(event.get("data"))
    message = words.get("message")
    return Missing(
        at=at,
        kind=kind,
        place=owner or _place(words),
        missing=_number(words.get("lost" if kind == LOSS else "missing")),
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
