"""Ctrl-C in a service that ends cleanly by itself: noted, so that the exit code can say so."""

import signal
from types import FrameType
from typing import Final

INTERRUPTED: Final = 130  # the exit code after Ctrl-C


class Interrupts:
    """Whether SIGINT came; whoever handled it before still does."""

    def __init__(self) -> None:
        self._has_come = False

    @property
    def exit_code(self) -> int:
        """What the end means to a shell."""
        return INTERRUPTED if self._has_come else 0

    def note(self) -> None:
        """From now on SIGINT is noted; to be called in the main thread."""
        before = signal.getsignal(signal.SIGINT)

        def noted(number: int, frame: FrameType | None) -> None:
            self._has_come = True
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGINT, noted)
