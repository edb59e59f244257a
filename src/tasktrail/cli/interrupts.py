"""Signals that end a service: waited for, and Ctrl-C noted so that the exit code can say so.

Who waits for a signal on a lock can wait for ever: a handler that wants the lock its own thread
holds never gets it, and one that is due just before the thread falls asleep is not run. So the
number of the signal comes through a socket, which C code writes at the very moment.
"""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

INTERRUPTED: Final = 130  # the exit code after Ctrl-C
ENDINGS: Final = (signal.SIGTERM, signal.SIGINT)


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


@contextmanager
def endings() -> Iterator[Callable[[], int]]:
    """A wait for SIGTERM or Ctrl-C, which gives the exit code; in the main thread only.

    While the block runs they do nothing else. One that comes before the wait is not lost.
    """
    heard, told = socket.socketpair()
    with heard, told:
        told.settimeout(0)
        before = {number: signal.signal(number, _passed_on) for number in ENDINGS}
        wakeup = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        try:
            yield lambda: _next_ending(heard)
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)


def _next_ending(heard: socket.socket) -> int:
    """The exit code that goes with the next signal that ends a service."""
    number = 0
    while number not in ENDINGS:
        number = heard.recv(1)[0]
    return INTERRUPTED if number == signal.SIGINT else 0


def _passed_on(_number: int, _frame: FrameType | None) -> None:
    """The socket has it."""
