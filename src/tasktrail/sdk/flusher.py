"""The thread that writes out what was buffered, and syncs what was written, a moment later.

It sleeps while nothing waits, and does not outlive its process: what it had not yet synced survives
a kill all the same, and what it had not yet written is the price of buffering. Where no thread can
be started any more, the caller writes. It is called through a queue that a signal's handler may
call too, in the middle of a call: an event or a condition would wait for itself there.
"""

import sys
import threading
import time
from enum import Enum
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, NamedTuple

from tasktrail.sdk.outbox import BUFFERED_EVENTS, FULL_BYTES, Outbox
from tasktrail.sdk.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

FLUSH_SECONDS: Final = 0.2  # the longest that a buffered event waits in memory
SYNC_SECONDS: Final = 1.0  # the longest that a written event may be lost to a power cut
OUTBOX_BYTES: Final = 1 << 30  # what may wait on this machine
SMALLEST_PART: Final = 4 << 10


class Pace(NamedTuple):
    """How long and how much a client lets wait: in memory by time and count, on disk by bytes."""

    seconds: float = FLUSH_SECONDS
    events: int = BUFFERED_EVENTS
    outbox_bytes: int = OUTBOX_BYTES

    @property
    def part_bytes(self) -> int:
        """When a file of the outbox is full: a limit needs some files to choose from."""
        return max(SMALLEST_PART, min(FULL_BYTES, self.outbox_bytes // 8))

    def seconds_for(self, buffered: bool) -> float:  # noqa: FBT001 - said by who asks
        """How soon the thread comes."""
        return self.seconds if buffered else SYNC_SECONDS


def start_thread(thread: threading.Thread) -> None:
    """The thread runs; raises RuntimeError where none can run any more."""
    if sys.is_finalizing():  # it would be waited for without end
        raise RuntimeError("the interpreter is ending")
    thread.start()


class Call(Enum):
    """What the thread is called for."""

    WAITS = 1  # something waits: it comes in time
    HURRY = 2  # much waits: it comes at once
    STOP = 3


class Flusher:
    """Flushes and syncs one outbox in the background."""

    def __init__(self, outbox: Outbox, *, trouble: Trouble, seconds: float) -> None:
        self._outbox = outbox
        self._trouble = trouble
        self.seconds = seconds  # the longest that something waits
        self.afterwards: Callable[[], None] | None = None  # what else is to be done then
        self.renew()

    def renew(self) -> None:
        """In a forked child the thread does not run: it is started when something waits."""
        self._calls: SimpleQueue[Call] = SimpleQueue()
        self._is_hurried = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something waits; the first time in a process, the thread is started."""
        if self._thread is None:
            self._start()
        if self._thread is not None:
            self._calls.put(Call.WAITS)

    def _start(self) -> None:
        thread = threading.Thread(
            target=self._run, args=(self._calls,), name="tasktrail-outbox", daemon=True
        )
        try:
            start_thread(thread)
        except RuntimeError:  # no more threads, or the interpreter is ending
            self._outbox.ask_to_be_told()  # the next call asks again
            self._outbox.push()
        else:
            self._thread = thread

    def hurry(self) -> None:
        """Much waits: the thread comes at once."""
        if not self._is_hurried:
            self._is_hurried = True
            self._calls.put(Call.HURRY)

    def _run(self, calls: "SimpleQueue[Call]") -> None:
        while True:
            call: Call | None = calls.get()
            due = time.monotonic() + self.seconds
            while call is not None:
                if call is Call.STOP:
                    calls.put(call)  # for another one, after an interrupt in our beginning
                    return
                if call is Call.HURRY:
                    self._do(self._outbox.push)
                call = _next(calls, due - time.monotonic())
            self._do(self._flush)

    def _do(self, act: "Callable[[], object]") -> None:
        self._is_hurried = False
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the job's process must not see any of this
            self._trouble.tell("flusher", f"writing in the background failed: {error!r}")

    def _flush(self) -> None:
        self._outbox.ask_to_be_told()
        self._outbox.sync()
        if self.afterwards is not None:
            self.afterwards()

    def close(self) -> None:
        """The thread ends; nothing waits any more."""
        self._calls.put(Call.STOP)
        thread = self._thread
        if thread is not None and thread.is_alive() and thread is not threading.current_thread():
            thread.join(timeout=self.seconds + SYNC_SECONDS)
        self.renew()


def _next(calls: "SimpleQueue[Call]", seconds: float) -> Call | None:
    """The next call within that time."""
    try:
        return calls.get(timeout=seconds) if seconds > 0 else None
    except Empty:
        return None
