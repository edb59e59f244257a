"""The thread that writes out what was buffered, and syncs what was written, a moment later.

It sleeps while nothing waits, and does not outlive its process: what it had not yet synced survives
a kill all the same, and what it had not yet written is the price of buffering. Where no thread can
be started any more, the caller writes.
"""

import sys
import threading
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


class Flusher:
    """Flushes and syncs one outbox in the background."""

    def __init__(self, outbox: Outbox, *, trouble: Trouble, seconds: float) -> None:
        self._outbox = outbox
        self._trouble = trouble
        self._seconds = seconds
        self.afterwards: Callable[[], None] | None = None  # what else is to be done then
        self.renew()

    def renew(self) -> None:
        """In a forked child the thread does not run: it is started when something waits."""
        self._something_waits = threading.Event()
        self._hurry = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something waits; the first time in a process, the thread is started."""
        if self._something_waits.is_set():
            return
        self._something_waits.set()
        if self._thread is None:
            told = (self._something_waits, self._hurry, self._stop)
            self._thread = threading.Thread(
                target=self._run, args=told, name="tasktrail-outbox", daemon=True
            )
            try:
                start_thread(self._thread)
            except RuntimeError:  # no more threads, or the interpreter is ending
                self._do_without()

    def _do_without(self) -> None:
        """No thread: what waits is written now, and the next call asks again."""
        self._thread = None
        self._something_waits.clear()
        self._outbox.ask_to_be_told()
        self._outbox.push()

    def hurry(self) -> None:
        """Much waits: the thread comes at once."""
        self._hurry.set()

    def _run(
        self, something_waits: threading.Event, hurry: threading.Event, stop: threading.Event
    ) -> None:
        while True:
            something_waits.wait()
            is_hurried = hurry.wait(self._seconds)
            if stop.is_set():
                return
            try:
                if is_hurried:
                    hurry.clear()
                    self._outbox.push()
                    continue
                something_waits.clear()
                self._flush()
            except Exception as error:  # noqa: BLE001 - the job's process must not see any of this
                self._trouble.tell("flusher", f"writing in the background failed: {error!r}")

    def _flush(self) -> None:
        self._outbox.ask_to_be_told()
        self._outbox.sync()
        if self.afterwards is not None:
            self.afterwards()

    def close(self) -> None:
        """The thread ends; nothing waits any more."""
        self._stop.set()
        self._something_waits.set()
        self._hurry.set()
        thread = self._thread
        if thread is not None and thread.is_alive() and thread is not threading.current_thread():
            thread.join(timeout=self._seconds + SYNC_SECONDS)
        self.renew()
