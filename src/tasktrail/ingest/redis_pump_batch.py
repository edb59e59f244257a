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
    flat_events,
    is_packed,
    parse_stream_entry,
)
from tasktrail.ingest.redis_pump_group import Entry
from tasktrail.model.acceptance import Accepted, prepare_all
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


class _Piece(Struct, frozen=True, gc=False):
    """An event as it was sent, or an entry that holds none, and why not."""

    blob: bytes
    identity: str  # unless its producer gave it one
    at: int
    error: InvalidEvent | None = None


def sort_entries(entries: list[Entry], door: Door) -> Batch:
    """The entries in their order; whatever is wrong with one costs only that one."""
    batch = Batch()
    bodies: list[StreamFields] = []
    for entry_id, fields in entries:
        if fields is None:
            batch.emptied.append(entry_id)
        else:
            batch.ids.append(entry_id)
            bodies.append(fields)
    pieces: list[_Piece] = []
    for entry_id, body, event in zip(batch.ids, bodies, flat_events(bodies), strict=True):
        at = int(entry_id.partition("-")[0]) * MICROS_PER_MILLI
        identity = f"redis:{door.epoch}:{entry_id}"
        if event is None:
            _take_apart(pieces, body, identity, at)
        else:
            pieces.append(_Piece(event, identity, at))
    _sort(batch, pieces, door)
    return batch


def _take_apart(pieces: list[_Piece], fields: StreamFields, identity: str, at: int) -> None:
    """The entry's events, each with the identity it has unless its producer gave it one."""
    try:
        events = parse_stream_entry(fields)
    except InvalidEvent as error:
        pieces.append(_Piece(entry_blob(fields), identity, at, error))
        return
    if is_packed(fields):
        pieces += [_Piece(one, f"{identity}:{n}", at) for n, one in enumerate(events)]
    else:
        pieces.append(_Piece(events[0], identity, at))


def _sort(batch: Batch, pieces: list[_Piece], door: Door) -> None:
    blobs = [one.blob for one in pieces if one.error is None]
    judged = iter(prepare_all(blobs, max_bytes=door.max_event_bytes))
    batch.size = sum(map(len, blobs))
    for piece in pieces:
        ready = piece.error or next(judged)
        if isinstance(ready, Accepted):
            name = ready.identity or piece.identity
            batch.accepted.append(Accepted(ready.event, name, ready.key, piece.at))
            batch.dead_at_end = 0
        else:
            batch.letters.append(_letter(piece.blob, piece.identity, piece.at, ready, door))
            batch.dead_at_end += 1


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
