"""The way to somewhere else, as a sender sees it, whatever is at its end."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tasktrail.model.codec import encode
from tasktrail.model.frame import Frame


class Away(Exception):
    """Nothing can be taken now; try again in so many seconds, if that was said."""

    def __init__(self, reason: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class Refused(NamedTuple):
    """An event that will never be taken, and why."""

    frame: Frame
    reason: str


class Transport(Protocol):
    """One connection to where events go; used by one thread."""

    def send(self, frames: Sequence[Frame]) -> list[Refused]:
        """Those that will never be taken; all others have arrived. Raises Away."""

    def close(self) -> None:
        """The connection is closed; the next events open a new one."""


def identified(frame: Frame) -> bytes:
    """The event with its identity in it, as a door reads it."""
    src, _, number = (frame.id or "").rpartition(":")
    return b'{"src":%b,"src_seq":%b,%b' % (
        encode(src),
        number.encode(),
        bytes(frame.event).lstrip()[1:],
    )
