"""What every door does with an event's bytes before they may reach the spool.

    bytes → redaction → one legible line → parsed → addressed

Whatever passes here can be recorded later; whatever cannot is refused here, with its reason.
"""

from typing import NamedTuple

from tasktrail.errors import EventTooLarge
from tasktrail.model.codec import check_depth, one_line
from tasktrail.model.event import Address, Event, address_of, parse_event
from tasktrail.model.redaction import redact


class Prepared(NamedTuple):
    """An event that may be accepted: its bytes for the spool, parsed, and where it goes."""

    blob: bytes
    event: Event
    address: Address


def prepare(blob: bytes, *, max_bytes: int | None = None) -> Prepared:
    """The event ready for the spool; raises InvalidEvent or EventTooLarge, and keeps nothing."""
    if max_bytes is not None and len(blob) > max_bytes:
        raise EventTooLarge(f"expected at most {max_bytes} bytes, found {len(blob)}")
    line = one_line(redact(blob))
    check_depth(line)
    event = parse_event(line)
    return Prepared(line, event, address_of(event))
