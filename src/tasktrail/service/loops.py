"""Loops: threads that run until told to stop, survive what goes wrong, and say how they are."""

import logging
import threading
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 10.0

Run = Callable[[threading.Event], None]


class Loop:
    """One thread around a `run(stop)` that should only return when `stop` is set."""

    def __init__(self, name: str, run: Run) -> None:
        self.name = name
        self.trouble: str | None = None  # why it is not running now
        self._run = run
        self._stopping = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, name=name)

    @property
    def is_well(self) -> bool:
        """Whether it is running."""
        return self._thread.is_alive() and self.trouble is None

    def start(self) -> None:
        """The thread begins."""
        self._thread.start()

    def tell_to_stop(self) -> None:
        """It ends soon."""
        self._stopping.set()
        self._stop.set()

    def join(self) -> None:
        """It has ended."""
        if self._thread.ident is not None:
            self._thread.join()

    def _keep_running(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            self._stop.clear()  # a loop may set it itself when it fails
            if self._stopping.is_set():
                return
            self.trouble = None
            try:
                self._run(self._stop)
            except Exception as error:  # a bug or a broken disk: the other loops go on
                self.trouble = f"{type(error).__name__}: {error}"
                log.exception("%s stopped; it starts again in %.1f s", self.name, pause)
            else:
                self.trouble = None if self._stopping.is_set() else "ended by itself"
            self._stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
