"""The entries of the Redis stream, in every form that producers send, as events.

    flat     type, task_id, timestamp, data and any further field, all text; `data` is a JSON object
    blob     one field `event`: the event as a JSON object
    packed   one field `events`: several events, as lines of JSON or as a JSON array

Pure: bytes in, bytes out. What cannot be an event raises InvalidEvent, never an entry's neighbours.
The events of a packed entry are only taken apart here: one bad line must not cost the others.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

import msgspec
from msgspec import Raw

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import are_lines, encode

BLOB: Final = b"event"
PACKED: Final = b"events"
DATA: Final = b"data"
NUMBERS: Final = frozenset({b"src_seq", b"attempt"})  # whole numbers, when they look like one
SHORT_BYTES: Final = 128  # longer fields are not remembered
MAX_DIGITS: Final = 18  # more do not fit into 64 bits: kept as text

PIECE: Final = 128  # entries that are looked at together
BARE: Final = bytes(set(range(0x20, 0x7F)) - set(b'"\\%'))  # means the same inside of quotes

_ARRAY: Final = msgspec.json.Decoder(list[Raw])
_VALUE: Final = msgspec.json.Decoder(Raw)

StreamFields = Mapping[bytes, bytes]


def parse_stream_entry(fields: StreamFields) -> list[bytes]:
    """The entry's events, one JSON object each; raises InvalidEvent with the reason.

    The events of a packed entry are not yet looked at: each has to prove itself on its own.
    """
    if len(fields) == 1:
        if BLOB in fields:
            return [_object(fields[BLOB], "event")]
        if PACKED in fields:
            return _unpack(fields[PACKED])
    return [_flat(fields)]


def flat_events(entries: Sequence[StreamFields]) -> list[bytes | None]:
    """The events of flat entries, many at a time, each as `parse_stream_entry` makes it.

    `None` where only that can tell: what is no flat entry, what has to be escaped, and who comes
    with such a one.
    """
    events: list[bytes | None] = [None] * len(entries)
    alike = defaultdict[tuple[bytes, ...], list[int]](list)
    for number, names in enumerate(map(tuple, entries)):
        alike[names].append(number)
    for names, numbers in alike.items():
        for start in range(0, len(numbers), PIECE):
            some = numbers[start : start + PIECE]
            found = _events_of(names, [entries[number] for number in some])
            for number, event in zip(some, found, strict=False):
                events[number] = event
    return events


def _events_of(names: tuple[bytes, ...], entries: Sequence[StreamFields]) -> Sequence[bytes]:
    """The events of entries that have these fields; none where a text means more inside quotes."""
    if DATA not in names or not NUMBERS.isdisjoint(names):
        return ()
    columns = dict(zip(names, zip(*(one.values() for one in entries), strict=True), strict=True))
    columns[DATA] = _objects([value.strip() for value in columns[DATA]])
    texts = chain(names, *(column for name, column in columns.items() if name != DATA))
    if not columns[DATA] or b"".join(texts).translate(None, BARE):
        return ()
    members = (b'"%b":%b' % (name, b"%b" if name == DATA else b'"%b"') for name in names)
    event = b"{%b}" % b",".join(members)
    return [event % row for row in zip(*columns.values(), strict=True)]


def _objects(blobs: Sequence[bytes]) -> tuple[bytes, ...]:
    """The same, if each is a JSON object on one line; else none."""
    if {blob[:1] for blob in blobs} != {b"{"} or not are_lines(blobs):
        return ()
    try:
        for blob in blobs:
            _VALUE.decode(blob)
    except (msgspec.DecodeError, RecursionError):
        return ()
    return tuple(blobs)


def is_packed(fields: StreamFields) -> bool:
    """Whether the entry's events are told apart by their place in it."""
    return len(fields) == 1 and PACKED in fields


def entry_blob(fields: StreamFields) -> bytes:
    """The entry as a dead letter keeps it: a JSON object of its texts, no byte lost.

    Bytes that are no UTF-8 stand in it as they came.
    """
    if len(fields) == 1 and (BLOB in fields or PACKED in fields):
        return next(iter(fields.values()))
    texts = {_lenient(name): _lenient(value) for name, value in fields.items()}
    return json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogateescape")


def _lenient(blob: bytes) -> str:
    return blob.decode("utf-8", "surrogateescape")


def _flat(fields: StreamFields) -> bytes:
    """The flat fields as one object; `data` keeps the bytes that were sent."""
    members = [
        b'"data":%b' % (_object(value, "data") if value and not value.isspace() else b"{}")
        if name == DATA
        else (_known_member if len(value) < SHORT_BYTES else _member)(name, value)
        for name, value in fields.items()
    ]
    return b"{%b}" % b",".join(members)


def _member(name: bytes, value: bytes) -> bytes:
    """A flat field but `data`, as a member of a JSON object."""
    if name in NUMBERS and _is_number(value):
        return _text(name) + b":" + value
    return _text(name) + b":" + _text(value)


_known_member: Final = lru_cache(maxsize=4_096)(_member)  # most are said again and again


def _is_number(value: bytes) -> bool:
    """Whether the digits are a JSON number: no sign, no leading zero."""
    if not value.isdigit() or len(value) > MAX_DIGITS:
        return False
    return value == b"0" or value[:1] != b"0"


def _text(blob: bytes) -> bytes:
    try:
        return encode(blob.decode())
    except UnicodeDecodeError as error:
        reason = f"expected UTF-8, found byte 0x{blob[error.start]:02x} in {blob[:40]!r}"
        raise InvalidEvent(reason) from error


def _object(blob: bytes, name: str) -> bytes:
    """The bytes on one line, when they are a JSON object and nothing else.

    Whole by itself: a value that closes early could otherwise smuggle fields into the envelope.
    """
    line = _one_line(blob)
    try:
        _VALUE.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidEvent(f"field `{name}`: {error}, found {line[:40]!r}") from error
    if line[:1] != b"{":
        raise InvalidEvent(f"field `{name}`: expected a JSON object, found {line[:40]!r}")
    return line


def _one_line(blob: bytes) -> bytes:
    """The JSON text as UTF-8 without raw line ends; what else is odd is the doors' business."""
    if not blob.isascii():
        _text(blob)
    if b"\n" in blob or b"\r" in blob:
        blob = blob.replace(b"\n", b" ").replace(b"\r", b" ")
    return blob.strip()


def _unpack(blob: bytes) -> list[bytes]:
    if blob.lstrip()[:1] == b"[":
        try:
            events = [bytes(raw) for raw in _ARRAY.decode(_one_line(blob))]
        except (msgspec.DecodeError, RecursionError) as error:
            raise InvalidEvent(f"field `events`: expected a JSON array: {error}") from error
    else:
        events = [line for line in blob.split(b"\n") if line.strip()]
    if not events:
        raise InvalidEvent("field `events`: expected events, found none")
    return events
