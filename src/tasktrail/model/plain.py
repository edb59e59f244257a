"""Plain events: the output and log lines of a known task, read in one go.

Most of what a trail holds says nothing unusual: a known type, its task, perhaps a time, a text,
perhaps a level, source and stage. One typed decode tells all that recording has to know of such an
event, and its line is put together from the bytes that were sent. Whatever says anything else is
not plain and goes the general way through event, shape and entry; the two are held equal by a
property test.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from itertools import repeat
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from tasktrail.model.channels import AGENT_OUTPUT, LOG
from tasktrail.model.codec import MOST_INTEGER, encode
from tasktrail.model.entry import chained
from tasktrail.model.frame import Body
from tasktrail.model.levels import parse_level
from tasktrail.model.times import utc_text

PLAIN_CHANNELS: Final = (AGENT_OUTPUT, LOG)
QUOTE: Final = ord('"')
FEWEST_TEXT: Final = len('"?"')
PIECE: Final = 128  # events that are decoded in one go
NOT_SENT: Final = Raw(b"")
DATA: Final = b'"data"'
_EMPTY_TEXT: Final = Raw(b'""')
_EMPTY_OBJECT: Final = Raw(b"{}")
_T = TypeVar("_T")
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class PlainKind(Struct, frozen=True, gc=False, eq=False):
    """What many plain events have in common: where they go, and what stands around their text.

    One object for each kind, so that events are counted by it.
    """

    event_type: str
    channel: str
    level: str
    stage: str | None
    envelope: bytes  # what it says of level, source and stage, as it must stand in the event
    spaced: bytes  # the same as the encoders write it that leave spaces
    head: bytes  # of the line, between `pos` and the text
    tail: bytes  # of the line, without its last brace


class PlainEvent(Struct, frozen=True, gc=False):
    """A plain event and where it was accepted: all that its line holds but seq and `h`."""

    task_id: str
    kind: PlainKind
    timestamp: bytes  # the JSON text that was sent; empty where none was
    text: bytes | Raw  # its content, or its message and metadata
    recorded_at: int
    identity: str
    pos: int


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
    timestamp: Raw = NOT_SENT
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


class _Frame(Struct, gc=False):
    """A frame as `model/frame.py` describes it, whose event is plain; it is handed over to none."""

    at: int
    event: _Plain
    id: str | None = None
    to: None = None


_DECODER: Final = msgspec.json.Decoder(_Plain)
_FRAME: Final = msgspec.json.Decoder(_Frame)


PlainAddress = tuple[str, str | None]  # the task, and the identity that its producer gave it


def plain_address(blob: bytes) -> PlainAddress | None:
    """The address of the event, if it is plain so far that its address is beyond doubt."""
    try:
        return _address(_DECODER.decode(blob))
    except _UNREADABLE:
        return None


def plain_addresses(blobs: Sequence[bytes]) -> list[PlainAddress | None]:
    """The address of each, as `plain_address` finds it; quicker where all of them are plain."""
    found: list[PlainAddress | None] = []
    for some in _pieces(blobs):
        try:
            events = list(map(_DECODER.decode, some))
        except _UNREADABLE:
            found += map(plain_address, some)
        else:
            found += map(_address, events)
    return found


def _pieces(blobs: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Few at a time: the first that is not plain makes each of its piece be looked at alone."""
    return (blobs[start : start + PIECE] for start in range(0, len(blobs), PIECE))


def _address(event: "_Plain") -> PlainAddress | None:
    if not event.task_id:
        return None
    if event.event_id is event.src is event.src_seq:  # none of them was said
        return event.task_id, None
    identity = _identity(event)
    return None if identity is None else (event.task_id, identity)


def plain_event(frame: Body, *, partition: int, pos: int) -> PlainEvent | None:
    """The event in the body of a frame, if it is plain, at that place of the partition's spool."""
    try:
        return _seen(_FRAME.decode(frame), frame, partition, pos)
    except _UNREADABLE:
        return None


def plain_events(
    frames: Sequence[Body], *, partition: int, places: Sequence[int]
) -> list[PlainEvent | None]:
    """What `plain_event` makes of each; quicker where all of them are plain."""
    seen: list[PlainEvent | None] = []
    for some in _pieces(frames):
        at = places[len(seen) : len(seen) + len(some)]
        try:
            decoded = list(map(_FRAME.decode, some))
        except _UNREADABLE:
            alone = partial(plain_event, partition=partition)
            seen += [alone(frame, pos=pos) for frame, pos in zip(some, at, strict=True)]
        else:
            seen += map(_seen, decoded, some, repeat(partition), at)
    return seen


def _seen(frame: "_Frame", blob: Body, partition: int, pos: int) -> PlainEvent | None:
    event = frame.event
    data, task_id, timestamp = event.data, event.task_id, bytes(event.timestamp)
    if not task_id or (timestamp and not _is_text(timestamp)):
        return None
    kind = _kind(event.__class__, event.level, event.source, event.stage)
    if kind.envelope and not _stands_in(bytes(blob), kind):
        return None
    if data.task_id is not UNSET and data.task_id != task_id:
        return None
    identity: str | None = frame.id or f"spool:{partition}:{pos}"
    if not (event.event_id is event.src is event.src_seq):  # one of them was said
        said = _identity(event)
        identity = said if frame.id in {None, "", said} else None
    text = _text(data, event)
    if identity is None or text is None:
        return None
    return PlainEvent(task_id, kind, timestamp, text, frame.at, identity, pos)


def _is_text(timestamp: bytes) -> bool:
    return timestamp[0] == QUOTE and len(timestamp) >= FEWEST_TEXT


def plain_lines(events: Sequence[PlainEvent], *, seq: int, h: str) -> tuple[list[bytes], str]:
    """What `render_line` and `seal_line` make of events that come next, and the last `h`.

    Not for the first event of a trail.
    """
    lines: list[bytes] = []
    previous, at, recorded_at = h.encode(), None, b""
    for event in events:
        kind, seq = event.kind, seq + 1
        if event.recorded_at != at:  # events that were accepted together share their time
            at = event.recorded_at
            recorded_at = utc_text(at).encode()
        line = b'{"seq":%d,"id":%b,"timestamp":%b,"recorded_at":"%b","pos":%d%b%b%b' % (
            seq,
            encode(event.identity),
            event.timestamp or b'"%b"' % recorded_at,
            recorded_at,
            event.pos,
            kind.head,
            event.text,
            kind.tail,
        )
        previous = chained(line, previous)
        lines.append(b'%b,"h":"%b"}\n' % (line, previous))
    return lines, previous.decode()


@lru_cache(maxsize=1_024)
def _kind(event: type["_Plain"], level: _Words, source: _Words, stage: _Words) -> PlainKind:
    event_type, channel = _TYPES[event]
    named = {"level": level, "source": source, "stage": stage}
    words = [(k.encode(), encode(v)) for k, v in named.items() if v is not UNSET]
    sent = b"".join(b',"%b":%b' % word for word in words)
    spaced = b"".join(b', "%b": %b' % word for word in words)
    known = parse_level(level or None) or "info"
    if channel == LOG:
        known_words = {"level": known, "source": source or "system", "stage": stage or None}
        head = b',%b,"message":' % encode(known_words)[1:-1]
    else:
        head = b',"type":%b,"content":' % encode(_WORDS[event])
    tail = b',"event":{"event_type":%b%b}' % (encode(event_type), sent)
    return PlainKind(event_type, channel, known, stage or None, sent, spaced, head, tail)


def _stands_in(blob: bytes, kind: PlainKind) -> bool:
    """Whether the envelope says just that, in that order: before `data`, whatever is in there."""
    end = blob.find(DATA)
    if end < 0 or blob[end + len(DATA) : end + len(DATA) + 1] != b":":
        return False  # a value of that name, or a space where no encoder leaves one
    return blob.find(kind.envelope, 0, end) >= 0 or blob.find(kind.spaced, 0, end) >= 0


def _identity(event: _Plain) -> str | None:
    """The identity that the producer gave; `None` where only the general way can judge."""
    if event.src is UNSET and event.src_seq is UNSET:
        return event.event_id or None
    if not event.src or event.src_seq is UNSET or abs(event.src_seq) > MOST_INTEGER:
        return None
    return f"{event.src}:{event.src_seq}"


def _text(data: _OutputSaid | _LogSaid, event: _Plain) -> bytes | Raw | None:
    """The own part of the line; `None` where `data` repeats a kind that is not the event's."""
    if isinstance(data, _LogSaid):
        return b'%b,"metadata":%b' % (encode(data.message), data.metadata)
    return data.content if data.type is UNSET or data.type == _WORDS[type(event)] else None


_WORDS: Final[dict[type[_Envelope], str]] = {_Output: "output", _Thinking: "thinking"}
_TYPES: Final[dict[type[_Envelope], tuple[str, str]]] = {
    _Output: ("task:output", AGENT_OUTPUT),
    _Thinking: ("task:thinking", AGENT_OUTPUT),
    _Log: ("task:log", LOG),
}
