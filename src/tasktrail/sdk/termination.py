"""The end of a process: what is to be done at it, also where Python itself would do nothing.

A process of `multiprocessing` ends without what is registered at the exit, but runs its own
finalisers. SIGTERM is seen to only where the job has left it as it was: Python would end without
running anything. A job that handles the signal itself ends its own way.
"""

import atexit
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

from tasktrail.sdk.outbox import Outbox

FINALISER_PRIORITY: Final = 5  # any: those without one are not run at the end


def at_exit(act: Callable[[], object]) -> None:
    """Done once when this process ends by itself."""
    atexit.register(act)
    # Only who uses multiprocessing has it loaded, and its end only matters in a child.
    util = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if util is not None and process is not None and process.parent_process() is not None:
        util.Finalize(None, act, exitpriority=FINALISER_PRIORITY)


def not_at_exit(act: Callable[[], object]) -> None:
    """It is done already."""
    atexit.unregister(act)


def flush_on_termination(outbox: Outbox) -> None:
    """From now on SIGTERM writes what waits in the outbox first.

    Does nothing where signals cannot be handled: outside the main thread.
    """
    try:
        before = signal.getsignal(signal.SIGTERM)
        if before is signal.SIG_DFL or getattr(before, "is_of_tasktrail", False):
            signal.signal(signal.SIGTERM, _Termination(outbox, before))
    except ValueError:
        return


class _Termination:
    """A handler of SIGTERM; behind it the one before it, at last the end of the process."""

    is_of_tasktrail = True

    def __init__(self, outbox: Outbox, before: object) -> None:
        self._outbox = outbox
        self._before = before

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._outbox.after_writing(lambda: self._go_on(number, frame))

    def _go_on(self, number: int, frame: FrameType | None) -> None:
        if isinstance(self._before, _Termination):
            self._before(number, frame)
            return
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
