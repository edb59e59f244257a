"""Entries of a stream, sorted: events for the spool, dead letters, and entries without a body.

Pure. An event's identity is the one that its producer gave it, else `redis:<epoch>:<id>`, with the
place in its entry where several were packed into one; its time of acceptance is the stream id's.
"""

from typing import Final, NamedTuple

from msgspec import Struct, field

from tasktrail.errors import EventTooLarge, InvalidEvent
from tasktrail.formats.stream_wire import (
    StreamFields,
    entry_blob,
    is_packed,
    parse_stream_entry,
)
from tasktrail.ingest.redis_pump_group import Entry
from tasktrail.ingest.spool_writer import Accepted
from tasktrail.model.acceptance import prepare
from tasktrail.store.dead_letters import DeadLetter, raw_text

MICROS_PER_MILLI: Final = 1_000


class Batch(Struct):
    """What became of the entries of one delivery."""

    accepted: list[Accepted] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)  # trimmed while they were pending
    ids: list[str] = field(default_factory=list)  # all that can be acknowledged with this batch
    size: int = 0  # bytes
    dead_at_end: int = 0  # letters since the last event that could be accepted, or since the first


class Door(NamedTuple):
    """What the pump knows of every entry."""

    name: str  # of the journal of dead letters
    epoch: str
    max_event_bytes: int


def sort_entries(entries: list[Entry], door: Door) -> Batch:
    """The entries in their order; whatever is wrong with one costs only that one."""
    batch = Batch()
    for entry_id, fields in entries:
        if fields is None:
            batch.emptied.append(entry_id)
            continue
        batch.ids.append(entry_id)
        at = int(entry_id.partition("-")[0]) * MICROS_PER_MILLI
        _sort_entry(batch, f"redis:{door.epoch}:{entry_id}", fields, at, door)
    return batch


def _sort_entry(batch: Batch, identity: str, fields: StreamFields, at: int, door: Door) -> None:
    """The entry's events, each with the identity it has unless its producer gave it one."""
    try:
        events = parse_stream_entry(fields)
    except InvalidEvent as error:
        batch.letters.append(_letter(entry_blob(fields), identity, at, error, door))
        batch.dead_at_end += 1
        return
    if not is_packed(fields):
        _sort_event(batch, events[0], identity, at, door)
        return
    for index, blob in enumerate(events):
        _sort_event(batch, blob, f"{identity}:{index}", at, door)


def _sort_event(batch: Batch, blob: bytes, identity: str, at: int, door: Door) -> None:
    batch.size += len(blob)
    try:
        ready = prepare(blob, max_bytes=door.max_event_bytes)
    except (InvalidEvent, EventTooLarge) as error:
        batch.letters.append(_letter(blob, identity, at, error, door))
        batch.dead_at_end += 1
        return
    name = ready.identity or identity
    batch.dead_at_end = 0
    batch.accepted.append(Accepted(ready.blob, name, at, ready.partition_key))


def _letter(
    blob: bytes, identity: str, at: int, error: InvalidEvent | EventTooLarge, door: Door
) -> DeadLetter:
    return DeadLetter(
        at=at,
        p=door.name,
        identity=identity,
        code=error.code,
        reason=str(error),
        raw=raw_text(blob),
    )
