"""The door for events that arrive in this process: each is prepared, then they are appended.

A request of usual size is appended at once, a larger one part by part, so that it is never in
memory a second time. What cannot be recorded is refused with its place and reason and costs nothing
but itself; what is counted as accepted is on disk when `accept` returns.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.acceptance import Accepted, prepare_all
from tasktrail.service.settling import Settling

PART_BYTES: Final = 4 << 20  # of events are appended together


class Rejected(Struct, frozen=True):
    """An event that was not accepted: its place among those sent, and why."""

    index: int
    reason: str
    code: str


class Receipt(Struct, frozen=True):
    """What became of the events of one request."""

    accepted: int
    rejected: tuple[Rejected, ...] = ()


class Acceptor:
    """Takes events from a door into the spool; safe to call from many threads."""

    def __init__(
        self, spool: SpoolWriter, *, max_event_bytes: int, settling: Settling | None = None
    ) -> None:
        self._spool = spool
        self._settling = settling
        self._max_event_bytes = max_event_bytes
        self._counting = threading.Lock()
        self.accepted = 0  # by this process since it started
        self.rejected = 0

    def accept(self, events: Iterable[bytes]) -> Receipt:
        """The receipt, once every accepted event is durable.

        Raises Overloaded when nothing was accepted, and StorageFailed when the last part was not:
        nothing of a request of usual size. What was sent with an identity may be sent again.
        """
        rejected: list[Rejected] = []
        accepted = count = 0
        try:
            for part in _parts(events):
                items: list[Accepted] = []
                for judged in prepare_all(part, max_bytes=self._max_event_bytes):
                    if isinstance(judged, Accepted):
                        items.append(judged)
                    else:
                        rejected.append(Rejected(count, str(judged), judged.code))
                    count += 1
                accepted += self._append(items, has_begun=accepted > 0)
        finally:
            with self._counting:
                self.accepted += accepted
                self.rejected += count - accepted
        return Receipt(accepted, tuple(rejected))

    def _append(self, items: Sequence[Accepted], *, has_begun: bool) -> int:
        """How many they are, once they are durable; a request that was begun is not sent away."""
        if items:
            receipt = self._spool.append(items, ignore_pressure=has_begun)
            if self._settling is not None:
                self._settling.accepted(receipt.ends)
        return len(items)


def _parts(events: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The events, as many at a time as are appended together."""
    part: list[bytes] = []
    size = 0
    for blob in events:
        part.append(blob)
        size += len(blob)
        if size > PART_BYTES:
            yield part
            part, size = [], 0
    yield part
