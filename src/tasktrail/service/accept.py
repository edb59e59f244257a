"""The door for events that arrive in this process: each is prepared, all are appended at once.

What cannot be recorded is refused with its place and reason and costs nothing but itself; what is
counted as accepted is on disk when `accept` returns.
"""

import threading
from collections.abc import Sequence

from msgspec import Struct

from tasktrail.errors import EventTooLarge, InvalidEvent
from tasktrail.ingest.spool_writer import Accepted, SpoolWriter
from tasktrail.model.acceptance import prepare
from tasktrail.service.settling import Settling


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

    def accept(self, events: Sequence[bytes]) -> Receipt:
        """The receipt, once every accepted event is durable.

        Raises Overloaded or StorageFailed when nothing of the request was accepted for sure.
        """
        items: list[Accepted] = []
        rejected: list[Rejected] = []
        for index, blob in enumerate(events):
            try:
                items.append(self._prepared(blob))
            except (InvalidEvent, EventTooLarge) as error:
                rejected.append(Rejected(index, str(error), error.code))
        accepted = 0  # where the append raises, all were refused
        try:
            if items:
                self._append(items)
                accepted = len(items)
        finally:
            with self._counting:
                self.accepted += accepted
                self.rejected += len(events) - accepted
        return Receipt(accepted, tuple(rejected))

    def _append(self, items: Sequence[Accepted]) -> None:
        receipt = self._spool.append(items)
        if self._settling is not None:
            self._settling.accepted(receipt.ends)

    def _prepared(self, blob: bytes) -> Accepted:
        event = prepare(blob, max_bytes=self._max_event_bytes)
        return Accepted(
            event=event.blob,
            identity=event.identity,
            at=None,
            key=event.partition_key,
        )
