"""A frame: one line of a spool or an outbox.

    <crc32 of the rest, 8 hex digits> {"at":<µs since the epoch>,"id":"<identity>","event":{…}}

`at` is the time of acceptance and becomes `recorded_at`; `id` is the event's identity and may be
missing: then the frame's own place in the spool identifies it. `to` is the task to which the holder
of a webhook's flow hands an event over that names no task itself. The event stands last, as sent.
After a power cut good lines may stand behind a hole, so every line proves itself by its CRC; a
damaged one is passed over and what follows is kept.
"""

import struct
from binascii import unhexlify
from collections.abc import Sequence
from typing import Final
from zlib import crc32

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import DamagedFrame
from tasktrail.model.codec import encode

CRC_DIGITS: Final = 8
LARGE_BYTES: Final = 1 << 20  # of longer lines no copy is made; of shorter ones it is cheaper
SHORT_BYTES: Final = 1 << 12  # to copy so little costs less than to go over it in parts
_PREFIX: Final = CRC_DIGITS + 1

Body = bytes | memoryview  # a view of a large one


class Frame(Struct, frozen=True, gc=False):
    """An accepted event: when it was accepted, as what, and its bytes."""

    at: int
    event: Raw
    id: str | None = None
    to: str | None = None


_DECODER: Final = msgspec.json.Decoder(Frame)


def encode_frame(at: int, event: bytes, *, identity: str | None, to: str | None = None) -> bytes:
    """The whole line with its line end; `event` must be one line of JSON."""
    head = frame_head(at, identity=identity, to=to)
    if len(event) < SHORT_BYTES:
        (line,) = encode_frames([head], [event])
        return line
    crc = crc32(b"}", crc32(event, crc32(head)))
    return b"%08x %b%b}\n" % (crc, head, event)  # the one copy of what may be a large event


def frame_head(at: int, *, identity: str | None, to: str | None = None) -> bytes:
    """What stands before the event in the body of a frame."""
    named = b"" if identity is None else b',"id":%b' % encode(identity)
    bound = b"" if to is None else b',"to":%b' % encode(to)
    return b'{"at":%d%b%b,"event":' % (at, named, bound)


def encode_frames(heads: Sequence[bytes], events: Sequence[bytes]) -> list[bytes]:
    """The lines of many short events, each with its head; each event is one line of JSON."""
    bodies = [b"%b%b}" % both for both in zip(heads, events, strict=True)]
    return [b"%08x %b\n" % both for both in zip(map(crc32, bodies), bodies, strict=True)]


def frame_crc(line: bytes) -> int:
    """The CRC that the line claims, which names the frame in a checkpoint."""
    return int(line[:CRC_DIGITS], 16)


def body_of(line: bytes) -> Body:
    """What the CRC of the line covers, of a line without its line end."""
    return line[_PREFIX:] if len(line) < LARGE_BYTES else memoryview(line)[_PREFIX:]


def decode_frame(line: bytes) -> Frame:
    """The frame of one line, with or without its line end; raises DamagedFrame."""
    body = body_of(line)
    body = body[:-1] if line.endswith(b"\n") else body
    if line[:CRC_DIGITS].lower() != b"%08x" % crc32(body):
        raise DamagedFrame(f"expected CRC {crc32(body):08x}, found {line[:CRC_DIGITS]!r}")
    return decode_body(body)


def decode_body(body: Body) -> Frame:
    """The frame whose body has proved itself; raises DamagedFrame when it is none all the same."""
    try:
        return _DECODER.decode(body)
    except (ValueError, msgspec.DecodeError) as error:
        raise DamagedFrame(f"expected a frame, found {bytes(body[:40])!r}") from error


def are_whole(lines: Sequence[bytes], bodies: Sequence[Body]) -> bool:
    """Whether each line claims the CRC that its body has: all are compared at once."""
    try:
        claimed = unhexlify(b"".join([line[:CRC_DIGITS] for line in lines]))
    except ValueError:
        return False
    return claimed == struct.pack(f">{len(lines)}I", *map(crc32, bodies))
