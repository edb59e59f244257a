"""The entry: an event as recorded, and the line of a trail that holds it.

    {"seq":…,"id":…,"timestamp":…,"recorded_at":…,"pos":…,<keys of the channel>,"event":{…},"h":"…"}

`render_line` is a pure function of the event, its place and its trail: no clock, no worker, nothing
from outside. `h` chains the lines of a trail over all its channels in the order of `seq`: SHA-256,
cut to 128 bits, of the `h` before and of this line's bytes as they were before `,"h":"…"` was put
in; the chain starts at the hash of the trail's id. Line 1 carries the true id, whatever was said.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import InvalidEvent, TornEntry
from tasktrail.model.channels import LOG
from tasktrail.model.codec import Fields, as_raw, decode_fields, encode, text_of
from tasktrail.model.event import Event
from tasktrail.model.ids import TrailKey
from tasktrail.model.shapes import restore_blob, shape_of, unshape
from tasktrail.model.times import parse_time, utc_text

CHAIN_DIGITS: Final = 32  # 128 bits
BASE_KEYS: Final = frozenset({"seq", "id", "timestamp", "recorded_at", "pos", "event", "h"})
IDENTITY_KEYS: Final = ("src", "src_seq", "event_id")
_SEALED_BY: Final = len(',"h":"') + CHAIN_DIGITS + len('"}')
_OWN_ID: Final = {"tasks": "task_id", "sessions": "session_id"}
_INTEGER: Final = msgspec.json.Decoder(int)
_TEXT: Final = msgspec.json.Decoder(str)


class Entry(Struct, frozen=True, gc=False):
    """An event as recorded: its place in its trail, and the event."""

    seq: int
    id: str
    recorded_at: int  # µs since the epoch: the time of acceptance
    pos: int
    event: Event


def first_h(trail: TrailKey) -> str:
    """What the chain of a trail starts from."""
    return sha256(trail.id.encode("utf-8", "surrogatepass")).hexdigest()[:CHAIN_DIGITS]


def render_line(entry: Entry, trail: TrailKey) -> tuple[str, bytes]:
    """The entry's channel and its line, not yet sealed: without `h`, without a line end."""
    event = entry.event
    shape = shape_of(event)
    recorded_at = utc_text(entry.recorded_at)
    line: dict[str, object] = {
        "seq": entry.seq,
        "id": entry.id,
        "timestamp": event.timestamp if text_of(event.timestamp) else recorded_at,
        "recorded_at": recorded_at,
        "pos": entry.pos,
        **shape.keys,
        "event": _unsaid(entry, trail, shape.said),
    }
    return shape.channel, encode(line)


def _unsaid(entry: Entry, trail: TrailKey, said: tuple[str, ...]) -> dict[str, object]:
    """What the line's keys do not say: event type, envelope fields and `data` keys, as sent."""
    event, own = entry.event, _OWN_ID[trail.family]
    unsaid: dict[str, object] = {"event_type": event.event_type}
    unsaid.update(event.envelope)
    if entry.seq == 1:
        unsaid[own] = trail.id
    elif own in unsaid and _says(event.envelope[own], trail.id):
        del unsaid[own]
    if ("src" in unsaid or "event_id" in unsaid) and event.identity == entry.id:
        for name in IDENTITY_KEYS:
            unsaid.pop(name, None)
    rest = {name: raw for name, raw in event.data.items() if name not in said}
    if own in rest and _says(rest[own], trail.id):
        del rest[own]
    if rest:
        unsaid["data"] = rest
    return unsaid


def _says(raw: Raw, trail_id: str) -> bool:
    """Whether the value is that id; nearly always its bytes tell."""
    return bytes(raw) == _quoted(trail_id) or text_of(raw) == trail_id


@lru_cache(maxsize=1024)
def _quoted(text: str) -> bytes:
    return encode(text)


def seal_line(line: bytes, previous: str) -> tuple[bytes, str]:
    """The line with its `h` and line end, and that `h`."""
    hashed = sha256(previous.encode())
    hashed.update(line)
    h = hashed.hexdigest()[:CHAIN_DIGITS]
    return b"".join((memoryview(line)[:-1], b',"h":"', h.encode(), b'"}\n')), h  # copied once


def chained(open_line: bytes, previous: bytes) -> bytes:
    """The `h` of a line that lacks only its last brace; not for long ones, which it copies."""
    return sha256(b"%b%b}" % (previous, open_line)).hexdigest()[:CHAIN_DIGITS].encode()


def unseal_line(line: bytes) -> tuple[bytes, str]:
    """The line as it was before it was sealed, and its `h`; the line has no line end."""
    return line[:-_SEALED_BY] + b"}", line[-2 - CHAIN_DIGITS : -2].decode("ascii", "replace")


def parse_line(line: bytes, channel: str, trail: TrailKey) -> Entry:
    """The entry in a line of that channel; raises TornEntry when it cannot be read."""
    return entry_of(line_fields(line), channel, trail)


def line_fields(line: bytes) -> Fields:
    """The line's keys with their values as stored; raises TornEntry."""
    try:
        return decode_fields(line)
    except InvalidEvent as error:
        raise TornEntry(f"expected a line of a trail, found {line[:60]!r}") from error


def entry_of(fields: Fields, channel: str, trail: TrailKey) -> Entry:
    """The entry in a line's fields; raises TornEntry when one of ours is missing or wrong."""
    try:
        event = _event_of(fields, channel, trail)
        recorded_at = parse_time(_TEXT.decode(fields["recorded_at"]))
        return Entry(
            _INTEGER.decode(fields["seq"]),
            _TEXT.decode(fields["id"]),
            0 if recorded_at is None else recorded_at,
            _INTEGER.decode(fields["pos"]),
            event,
        )
    except (KeyError, msgspec.DecodeError, InvalidEvent) as error:
        raise TornEntry(f"expected an entry in {trail.name} {channel}: {error!r}") from error


def _event_of(fields: Fields, channel: str, trail: TrailKey) -> Event:
    """The event that the line was rendered of, ids of the trail filled in."""
    rest = decode_fields(fields["event"])
    event_type = _TEXT.decode(rest.pop("event_type"))
    unsaid: Fields = decode_fields(rest.pop("data")) if "data" in rest else {}
    keys = {name: raw for name, raw in fields.items() if name not in BASE_KEYS}
    data = unshape(channel, keys) | unsaid
    own = _OWN_ID[trail.family]
    envelope = {own: as_raw(trail.id)} | rest
    if channel == LOG:
        envelope = _named_by_log(keys) | envelope
    blob = restore_blob(data)
    named = trail.id if own == "task_id" else text_of(envelope.get("task_id"))
    return Event(event_type, envelope, data, fields["timestamp"], blob, named)


def _named_by_log(keys: Fields) -> dict[str, Raw]:
    """The envelope fields that a log line names itself."""
    return {name: keys[name] for name in ("level", "source", "stage") if text_of(keys.get(name))}
