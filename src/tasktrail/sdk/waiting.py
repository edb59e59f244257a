"""What waits for an outbox to write it: how much may, and who is told.

A call puts its record into `waiting`. As long as there is a seat for it, nobody is told; a record
without one asks: a thread is woken or nudged, or what waits is written there and then.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Final

from tasktrail.sdk.records import Record
from tasktrail.sdk.seats import Seats

BUFFERED_BYTES: Final = 1 << 20


class Waiting(ABC):
    """The records of this process on their way into a file; any thread may put one."""

    def __init__(self, nanos: Callable[[], int], *, most: int, durable: bool) -> None:
        """Less than `most` wait; `durable`: each is on disk when its call returns."""
        self.nanos: Final = nanos
        self._is_durable = durable
        self._most = most
        self._is_through = most == 1 and not durable
        # From here on a thread is nudged: in time to write before the caller has to.
        self._many = (most + 1) // 2
        self.wake: Callable[[], None] | None = None  # told when something begins to wait
        self.nudge: Callable[[], None] | None = None  # told when much waits
        # Records; a batch only in the first place. Loggers hold this very list.
        self.waiting: Final[list[Any]] = []
        self.seats: Final = Seats(self.waiting, nanos)  # a record without one calls `press`

    def _begin(self) -> None:
        """Nothing waits, and nobody writes."""
        self._lock = threading.RLock()  # held by who writes
        self._is_writing = False
        self.waiting.clear()
        self._waiting_bytes = 0
        # So many may wait until `press` is called; 0: nobody knows that one waits.
        self._limit = 0
        self.seats.withdraw()

    @abstractmethod
    def push(self) -> bool:
        """Whether everything that waited is in the file."""

    @abstractmethod
    def sync(self, *, must: bool = False) -> bool:
        """Whether everything is on disk."""

    @abstractmethod
    def _write_one(self) -> bool:
        """Whether a single record waited and is in the file."""

    def put(
        self, record: Record, *, size: int, is_urgent: bool = False, is_durable: bool = False
    ) -> None:
        """Keep the record of so many bytes: at once if it is urgent, else as this outbox keeps."""
        self.waiting.append(record)
        self._waiting_bytes += size
        if is_durable or self._is_durable:
            self.press_durably()
        elif is_urgent or self._waiting_bytes > BUFFERED_BYTES:
            self.press_now()
        else:
            for _ in self.seats.stamps:
                return
            self.press()

    def put_all(self, records: Sequence[Record]) -> None:
        """Keep the records, in their order, at once."""
        self.waiting.extend(records)
        if self._is_durable:
            self.press_durably()
        else:
            self.press_now()

    def press(self) -> None:
        """Told of a record without a seat: much waits, or nobody knows that something does."""
        if self._is_through and self._limit and self._write_one():
            return
        if not self._limit:
            self._tell()
        if self._is_durable:
            self.sync(must=True)
        elif len(self.waiting) >= self._most:
            self.push()
        else:
            if len(self.waiting) >= self._many and self._limit != self._most:
                self._limit = self._most  # first: who takes what waits puts it back
                if self.nudge is not None:
                    self.nudge()
            self._offer()

    def _offer(self) -> None:
        """Seats up to the limit, counted while nobody writes."""
        if self._is_writing:  # whoever does offers them in the end
            return
        with self._lock:
            self._offer_rest()

    def _settle(self) -> None:
        """What waited is written."""
        if self._most > 1:
            if self._limit == self._most:
                self._limit = self._many
            self._offer_rest()

    def _offer_rest(self) -> None:
        if self._limit:
            self.seats.withdraw()  # nobody takes one while they are counted
            self.seats.offer(self._limit - 1 - len(self.waiting))

    def press_now(self) -> None:
        """What waits is in the file when the call returns."""
        if not self._limit:
            self._tell()
        self.push()

    def press_durably(self) -> None:
        """What waits is on disk when the call returns."""
        if not self._limit:
            self._tell()
        self.sync(must=True)

    def ask_to_be_told(self) -> None:
        """Who is awake takes what waits: from now on the next record wakes again."""
        with self._lock:  # not in the middle of a push that puts it back
            self.seats.withdraw()
            self._limit = 0

    def _tell(self) -> None:
        if self.wake is None:
            return
        try:
            self._limit = self._many
            self.wake()
        except BaseException:  # an interrupt: nobody may know, so the next call tells again
            self._limit = 0
            raise
