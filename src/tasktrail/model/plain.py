"""Plain events: the output and log lines of a known task, read in one go.

Most of what a trail holds says nothing unusual: a known type, its task, a time, a text, perhaps a
level, source and stage. One typed decode tells all that recording has to know of such an event, and
its line is put together from the bytes that were sent. Whatever says anything else is not plain and
goes the general way through event, shape and entry; the two are held equal by a property test.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from tasktrail.model.channels import AGENT_OUTPUT, LOG
from tasktrail.model.codec import MOST_INTEGER, encode
from tasktrail.model.ids import TrailKey
from tasktrail.model.levels import parse_level
from tasktrail.model.times import utc_text

FEWEST_TEXT: Final = len('"?"')
_EMPTY_TEXT: Final = Raw(b'""')
_EMPTY_OBJECT: Final = Raw(b"{}")
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class PlainEvent(Struct, gc=False):
    """A plain event: what recording must know of it, and the end of its line."""

    trail: TrailKey
    event_type: str
    channel: str
    level: str
    stage: str | None
    identity: str | None  # that its producer gave it
    timestamp: bytes  # the JSON text that was sent
    rest: bytes  # its line from the channel's own keys on


class _OutputSaid(Struct, forbid_unknown_fields=True, gc=False):
    content: Raw = _EMPTY_TEXT
    task_id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET


class _LogSaid(Struct, forbid_unknown_fields=True, gc=False):
    message: str = ""
    metadata: Raw = _EMPTY_OBJECT
    task_id: str | UnsetType = UNSET


class _Envelope(Struct, forbid_unknown_fields=True, gc=False, tag_field="type", kw_only=True):
    task_id: str
    timestamp: Raw
    event_id: str | UnsetType = UNSET
    src: str | UnsetType = UNSET
    src_seq: int | UnsetType = UNSET
    level: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    stage: str | UnsetType = UNSET


class _Output(_Envelope, tag="task:output", kw_only=True):
    data: _OutputSaid


class _Thinking(_Envelope, tag="task:thinking", kw_only=True):
    data: _OutputSaid


class _Log(_Envelope, tag="task:log", kw_only=True):
    data: _LogSaid


_Plain = _Output | _Thinking | _Log
_Words = str | UnsetType

_DECODER: Final = msgspec.json.Decoder(_Plain)


class PlainAddress(Struct, frozen=True, gc=False):
    """Where a plain event goes, and the identity that its producer gave it."""

    task_id: str
    identity: str | None


def plain_address(blob: bytes) -> PlainAddress | None:
    """The address of the event, if it is plain so far that its address is beyond doubt."""
    try:
        event = _DECODER.decode(blob)
    except _UNREADABLE:
        return None
    identity = _identity(event)
    return PlainAddress(event.task_id, identity) if event.task_id and identity != "" else None


def plain_event(blob: bytes | Raw) -> PlainEvent | None:
    """The event, if it is plain; `blob` is one legible line, as in a frame."""
    try:
        event = _DECODER.decode(blob)
    except _UNREADABLE:
        return None
    data, task_id, timestamp = event.data, event.task_id, bytes(event.timestamp)
    if not task_id or timestamp[:1] != b'"' or len(timestamp) < FEWEST_TEXT:
        return None
    if data.task_id is not UNSET and data.task_id != task_id:
        return None
    identity = _identity(event)
    said = _said(event.level, event.source, event.stage)
    if identity == "" or (said.envelope and not _stands_in(bytes(blob), said.envelope)):
        return None
    rest = _rest(event, said)
    if rest is None:
        return None
    event_type, channel = _TYPES[type(event)]
    return PlainEvent(
        _trail_of(task_id), event_type, channel, said.level, said.stage, identity, timestamp, rest
    )


def plain_line(event: PlainEvent, *, seq: int, identity: str, recorded_at: int, pos: int) -> bytes:
    """What `render_line` makes of the event at any place but the first of its trail."""
    return b'{"seq":%d,"id":%b,"timestamp":%b,"recorded_at":"%b","pos":%d%b' % (
        seq,
        encode(identity),
        event.timestamp,
        utc_text(recorded_at).encode(),
        pos,
        event.rest,
    )


@lru_cache(maxsize=1_024)
def _trail_of(task_id: str) -> TrailKey:
    return TrailKey("tasks", task_id)


class _Said(NamedTuple):
    """What an envelope says of level, source and stage; many say the same."""

    level: str
    stage: str | None
    envelope: bytes  # as it must stand in the event, and will in the line
    log_keys: bytes


@lru_cache(maxsize=1_024)
def _said(level: _Words, source: _Words, stage: _Words) -> _Said:
    named = {"level": level, "source": source, "stage": stage}
    sent = b"".join(
        b',"%b":%b' % (k.encode(), encode(v)) for k, v in named.items() if v is not UNSET
    )
    known = parse_level(level or None) or "info"
    keys = b',"level":"%b","source":%b,"stage":%b' % (
        known.encode(),
        encode(source or "system"),
        encode(stage or None),
    )
    return _Said(known, stage or None, sent, keys)


def _stands_in(blob: bytes, sent: bytes) -> bool:
    """Whether the envelope says just that, in that order: before `data`, whatever is in there."""
    return 0 <= blob.find(sent) < blob.find(b',"data":')


def _identity(event: _Plain) -> str | None:
    """The identity that the producer gave; "" where only the general way can judge."""
    if event.src is UNSET and event.src_seq is UNSET:
        return None if event.event_id is UNSET else event.event_id
    if not event.src or event.src_seq is UNSET or abs(event.src_seq) > MOST_INTEGER:
        return ""
    return f"{event.src}:{event.src_seq}"


def _rest(event: _Plain, said: _Said) -> bytes | None:
    """The end of the line; `None` where `data` repeats a kind that is not the event's."""
    data = event.data
    if isinstance(data, _LogSaid):
        return b'%b,"message":%b,"metadata":%b,"event":{"event_type":"task:log"%b}}' % (
            said.log_keys,
            encode(data.message),
            data.metadata,
            said.envelope,
        )
    kind = _KINDS[type(event)]
    if data.type is not UNSET and data.type != kind:
        return None
    word = kind.encode()
    return b',"type":"%b","content":%b,"event":{"event_type":"task:%b"%b}}' % (
        word,
        data.content,
        word,
        said.envelope,
    )


_KINDS: Final[dict[type[_Envelope], str]] = {_Output: "output", _Thinking: "thinking"}
_TYPES: Final[dict[type[_Envelope], tuple[str, str]]] = {
    _Output: ("task:output", AGENT_OUTPUT),
    _Thinking: ("task:thinking", AGENT_OUTPUT),
    _Log: ("task:log", LOG),
}
