"""What goes wrong with logging: counted, told once, never raised into the job."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


def say_on_stderr(text: str, *, last: "TextIO | None" = sys.__stderr__) -> None:
    """One line on stderr, if there is one that can be written to.

    `last` is that of a finaliser that speaks when even the names of this module are gone.
    """
    try:
        stream = last if sys is None else sys.stderr
        if stream is not None:
            stream.write(f"tasktrail: {text}\n")
            stream.flush()
    except (OSError, ValueError, AttributeError):
        return


class Trouble:
    """Counts what was lost or refused; safe from every thread."""

    def __init__(self, say: Callable[[str], None] = say_on_stderr) -> None:
        self._say = say
        self._lock = threading.RLock()  # a signal's handler may log in the middle of our telling
        self._told: set[str] = set()
        self.lost = 0  # events that could not be kept
        self.refused = 0  # events that the server will not take; kept aside as dead letters

    def lose(self, count: int, reason: str) -> None:
        """So many events are lost; the first time it is told."""
        with self._lock:
            self.lost += count
        self.tell("lost", f"events are lost: {reason}; the job goes on, further losses are counted")

    def refuse(self, count: int, reason: str, *, kept_in: Path) -> None:
        """So many events were refused for good and are kept there; the first time it is told."""
        with self._lock:
            self.refused += count
        self.tell("refused", f"the server refused events: {reason}; they are kept in {kept_in}")

    def tell(self, kind: str, text: str) -> None:
        """The text, the first time that there is trouble of this kind."""
        with self._lock:
            if kind in self._told:
                return
            self._told.add(kind)
        self._say(text)

    def is_over(self, kind: str) -> None:
        """Trouble of this kind has passed: should it come again, it is told again."""
        with self._lock:
            self._told.discard(kind)

    def renew_lock(self) -> None:
        """After a fork: another thread may have held the lock, and is not here any more."""
        self._lock = threading.RLock()
