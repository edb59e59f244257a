"""What every door does with an event's bytes before they may reach the spool.

    bytes → redaction → one legible line → parsed → addressed

Whatever passes here can be recorded later; whatever cannot is refused here, with its reason.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from tasktrail.errors import EventTooLarge, InvalidEvent
from tasktrail.model.codec import are_legible, check_depth, is_shallow, one_line
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.frame import SHORT_BYTES, encode_frame, encode_frames, frame_head
from tasktrail.model.plain import PIECE, plain_address, plain_addresses
from tasktrail.model.redaction import redact

MOST_TOGETHER: Final = 16 << 20  # bytes: to look at them together takes a copy


class Accepted(Struct, frozen=True, gc=False):
    """One event on its way into the spool; `event` is one legible line of JSON."""

    event: bytes
    identity: str | None  # that its producer gave it, or its door
    key: str  # decides its partition
    at: int | None = None  # when it was accepted; `None`: now
    to: str | None = None  # the task to which a webhook's flow is handed over


Judged = Accepted | InvalidEvent | EventTooLarge  # ready, or why it is refused


def prepare_all(blobs: Sequence[bytes], *, max_bytes: int | None) -> list[Judged]:
    """What `prepare` makes of each, in their order; for plain events at half the price."""
    is_small = sum(map(len, blobs)) <= min(max_bytes or MOST_TOGETHER, MOST_TOGETHER)
    lines = list(map(redact, blobs)) if is_small else []
    if not is_small or not are_legible(lines):
        return [_judged(blob, max_bytes) for blob in blobs]
    return [
        _judged(blob, max_bytes)
        if address is None or not is_shallow(line)
        else Accepted(line, address[1], address[0])
        for blob, line, address in zip(blobs, lines, plain_addresses(lines), strict=True)
    ]


def lines_of(items: Sequence[Accepted], *, now: int) -> bytes:
    """The lines of a spool that hold these events, as `encode_frame` writes them.

    Short ones some at a time, which takes half as long; of a long one no copy more is made.
    """
    lines: list[bytes] = []
    bare = frame_head(now, identity=None)
    for start in range(0, len(items), PIECE):
        some = items[start : start + PIECE]
        events = [one.event for one in some]
        if max(map(len, events)) < SHORT_BYTES and b"\n" not in b"".join(events):
            heads = [
                bare
                if one.identity is None and one.at is None and one.to is None
                else _head_of(one, now)
                for one in some
            ]
            lines += encode_frames(heads, events)
        else:
            lines += [_line_of(one, now) for one in some]
    return b"".join(lines)


def _head_of(one: Accepted, now: int) -> bytes:
    return frame_head(now if one.at is None else one.at, identity=one.identity, to=one.to)


def _line_of(one: Accepted, now: int) -> bytes:
    event = one_line(one.event) if b"\n" in one.event else one.event  # it would tear the frame
    return encode_frame(now if one.at is None else one.at, event, identity=one.identity, to=one.to)


def _judged(blob: bytes, max_bytes: int | None) -> Judged:
    try:
        return prepare(blob, max_bytes=max_bytes)
    except (InvalidEvent, EventTooLarge) as error:
        return error


def prepare(blob: bytes, *, max_bytes: int | None = None) -> Accepted:
    """The event ready for the spool; raises InvalidEvent or EventTooLarge, and keeps nothing."""
    if max_bytes is not None and len(blob) > max_bytes:
        raise EventTooLarge(f"expected at most {max_bytes} bytes, found {len(blob)}")
    line = one_line(redact(blob))
    check_depth(line)
    plain = plain_address(line)
    if plain is not None:
        key, identity = plain
        return Accepted(line, identity, key)
    event = parse_event(line)
    return Accepted(line, event.identity, address_of(event).partition_key)
