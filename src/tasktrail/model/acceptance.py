"""What every door does with an event's bytes before they may reach the spool.

    bytes → redaction → one legible line → parsed → addressed

Whatever passes here can be recorded later; whatever cannot is refused here, with its reason.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from tasktrail.errors import EventTooLarge, InvalidEvent
from tasktrail.model.codec import check_depth, is_legible, is_shallow, one_line
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.plain import plain_address
from tasktrail.model.redaction import redact

MOST_TOGETHER: Final = 16 << 20  # bytes: to look at them together takes a copy
OBJECTS: Final = 2  # that each plain event opens: its envelope, and its `data`


class Prepared(Struct, frozen=True, gc=False):
    """An event that may be accepted: its bytes for the spool, who it is, and where it goes."""

    blob: bytes
    identity: str | None  # that its producer gave it
    partition_key: str


Judged = Prepared | InvalidEvent | EventTooLarge  # ready, or why it is refused


def prepare_all(blobs: Sequence[bytes], *, max_bytes: int) -> list[Judged]:
    """What `prepare` makes of each, in their order; for plain events at half the price."""
    is_small = sum(map(len, blobs)) <= min(max_bytes, MOST_TOGETHER)
    lines = list(map(redact, blobs)) if is_small else []
    joined = b"\n".join(lines)
    if not is_legible(joined, count=len(lines)):
        return [_judged(blob, max_bytes) for blob in blobs]
    plain = list(map(plain_address, lines))
    # Plain events open two objects each, so what is opened beyond these bounds all of them.
    shallow = None not in plain and is_shallow(joined, objects=OBJECTS * (len(lines) - 1))
    return [
        _judged(blob, max_bytes)
        if one is None or not (shallow or is_shallow(line))
        else Prepared(line, one.identity, one.task_id)
        for blob, line, one in zip(blobs, lines, plain, strict=True)
    ]


def _judged(blob: bytes, max_bytes: int) -> Judged:
    try:
        return prepare(blob, max_bytes=max_bytes)
    except (InvalidEvent, EventTooLarge) as error:
        return error


def prepare(blob: bytes, *, max_bytes: int | None = None) -> Prepared:
    """The event ready for the spool; raises InvalidEvent or EventTooLarge, and keeps nothing."""
    if max_bytes is not None and len(blob) > max_bytes:
        raise EventTooLarge(f"expected at most {max_bytes} bytes, found {len(blob)}")
    line = one_line(redact(blob))
    check_depth(line)
    plain = plain_address(line)
    if plain is not None:
        return Prepared(line, plain.identity, plain.task_id)
    event = parse_event(line)
    return Prepared(line, event.identity, address_of(event).partition_key)
