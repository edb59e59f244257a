"""The thread that writes out what was buffered, and syncs what was written, a moment later.

It sleeps while nothing waits, and does not outlive its process: what it had not yet synced survives
a kill all the same, and what it had not yet written is the price of buffering.
"""

import threading
from typing import Final

from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.trouble import Trouble

FLUSH_SECONDS: Final = 0.2  # the longest that a buffered event waits in memory
SYNC_SECONDS: Final = 1.0  # the longest that a written event may be lost to a power cut


class Flusher:
    """Flushes and syncs one outbox in the background."""

    def __init__(self, outbox: Outbox, *, trouble: Trouble, seconds: float) -> None:
        self._outbox = outbox
        self._trouble = trouble
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        """In a forked child the thread does not run: it is started when something waits."""
        self._something_waits = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something waits; the first time in a process, the thread is started."""
        if self._something_waits.is_set():
            return
        self._something_waits.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tasktrail-outbox", daemon=True)
            try:
                self._thread.start()
            except RuntimeError as error:  # no more threads, or the interpreter is ending
                self._trouble.tell("thread", f"no thread to sync in: {error}")

    def _run(self) -> None:
        while not self._stop.is_set():
            self._something_waits.wait()
            self._stop.wait(self._seconds)
            self._something_waits.clear()
            self._outbox.sync()

    def close(self) -> None:
        """The thread ends; nothing waits any more."""
        self._stop.set()
        self._something_waits.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=self._seconds + SYNC_SECONDS)
        self.renew()
