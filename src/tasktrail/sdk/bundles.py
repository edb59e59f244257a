"""A bundle: one line of an outbox that holds many entries, as their calls put them down.

    <crc32 of the rest, 8 hex digits> ["<src>",<number>,[[<ns>,{…},"<message>",{…}],…]]

Of each entry: nanoseconds since the epoch; the beginning of its event, which its logger gives all
its entries; the message; and where there is any, the metadata. The first has that number, each
further one the next. `null` stands for an entry that had to give way, see room.py.

A job writes what costs it least. Whoever takes an outbox on makes the events, and always the same.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from zlib import crc32

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import DamagedFrame
from tasktrail.model.frame import CRC_DIGITS, Frame, decode_frame
from tasktrail.model.times import utc_text
from tasktrail.sdk.records import NANOS_PER_MICRO

_BODY: Final = CRC_DIGITS + 1
_OPENS: Final = b"["[0]


NO_METADATA: Final = Raw(b"")


class Entry(Struct, array_like=True, frozen=True, gc=False):
    """One entry as it was put down."""

    nanos: int
    head: Raw
    message: Raw
    metadata: Raw = NO_METADATA


_ENTRIES: Final = msgspec.json.Decoder(tuple[str, int, list[Entry | None]])
_RAW: Final = msgspec.json.Decoder(tuple[str, int, list[Raw]])
_encode: Final = msgspec.json.Encoder().encode
_NOTHING: Final = Raw(b"null")


def is_bundle(line: bytes) -> bool:
    """Whether the line holds many entries and is no frame."""
    return len(line) > _BODY and line[_BODY] == _OPENS


def frames_in(line: bytes) -> list[Frame]:
    """The frames of one line, whichever of the two it is; raises DamagedFrame."""
    if not is_bundle(line):
        return [decode_frame(line)]
    body = _proved(line)
    try:
        frames = list(_frames(*_ENTRIES.decode(body)))
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise DamagedFrame(f"expected a bundle, found {line[:40]!r}") from error
    if not frames:
        raise DamagedFrame("expected entries in a bundle, found none")
    return frames


def thinned(line: bytes, is_kept: Sequence[bool]) -> bytes:
    """The line with only those of its frames; what is left of a bundle keeps its numbers."""
    if not any(is_kept):
        return b""
    if not is_bundle(line):
        return line
    src, first, entries = _RAW.decode(_proved(line.rstrip(b"\n")))
    answers = iter(is_kept)
    left = [one if bytes(one) != b"null" and next(answers) else _NOTHING for one in entries]
    body = _encode((src, first, left))
    return b"%08x %b\n" % (crc32(body), body)


def _proved(line: bytes) -> bytes:
    body = line[_BODY:]
    if line[:CRC_DIGITS] != b"%08x" % crc32(body):
        raise DamagedFrame(f"expected CRC {crc32(body):08x}, found {line[:CRC_DIGITS]!r}")
    return body


def _frames(src: str, first: int, entries: Sequence[Entry | None]) -> Iterator[Frame]:
    """An event for each entry that is there."""
    for number, entry in enumerate(entries, first):
        if entry is None:
            continue
        at = entry.nanos // NANOS_PER_MICRO
        more = b"" if entry.metadata == NO_METADATA else b',"metadata":%b' % entry.metadata
        event = b'%b,"timestamp":"%b","data":{"message":%b%b}}' % (
            bytes(entry.head)[:-1],
            utc_text(at).encode(),
            entry.message,
            more,
        )
        yield Frame(at, Raw(event), f"{src}:{number}")
