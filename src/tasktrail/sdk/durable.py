"""An outbox as a durable task sees it: everything is on disk when its call returns."""

from typing import Final

from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.records import Record
from tasktrail.sdk.seats import Seats


class DurableOutbox:
    """The same outbox; only what is told through here waits for the disk."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        # With the records of others; never offered, so that every call asks for `press`.
        self.seats: Final = Seats(outbox.waiting, outbox.nanos)

    def put(
        self, record: Record, *, size: int, is_urgent: bool = False, is_durable: bool = True
    ) -> None:
        """Keep the record: it is on disk when the call returns."""
        del is_urgent, is_durable  # it is both
        self._outbox.put(record, size=size, is_durable=True)

    def press(self) -> None:
        """What waits is on disk when the call returns."""
        self._outbox.press_durably()
