"""What every door does with an event's bytes before they may reach the spool.

    bytes → redaction → one legible line → parsed → addressed

Whatever passes here can be recorded later; whatever cannot is refused here, with its reason.
"""

from msgspec import Struct

from tasktrail.errors import EventTooLarge
from tasktrail.model.codec import check_depth, one_line
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.plain import plain_address
from tasktrail.model.redaction import redact


class Prepared(Struct, frozen=True, gc=False):
    """An event that may be accepted: its bytes for the spool, who it is, and where it goes."""

    blob: bytes
    identity: str | None  # that its producer gave it
    partition_key: str


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
