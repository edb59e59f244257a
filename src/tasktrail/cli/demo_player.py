"""Plays the demo's script: sends each step when it is due, with the time at which it is sent.

A thread of its own; a service that cannot take an event now gets it again, so a demo's tasks are as
complete as real ones.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from tasktrail.cli.demo_script import Cue
from tasktrail.cli.demo_sender import Sender
from tasktrail.cli.demo_teller import stamped
from tasktrail.errors import ServerUnreachable

RETRY_SECONDS: Final = 1.0
FAILURES_UNTIL_SAID: Final = 2  # one happens whenever a demo ends: the service goes first


class Player(threading.Thread):
    """The producers of a demo, until they are stopped."""

    def __init__(self, cues: Iterator[Cue], sender: Sender, *, say: Callable[[str], None]) -> None:
        super().__init__(name="demo", daemon=True)
        self._cues = cues
        self._sender = sender
        self._say = say
        self._stop_now = threading.Event()

    def run(self) -> None:
        """Play the script in time; what comes late is sent at once."""
        began = time.monotonic()
        for cue in self._cues:
            if self._stop_now.wait(max(0.0, began + cue.at - time.monotonic())):
                return
            if not self._send(cue):
                return

    def _send(self, cue: Cue) -> bool:
        """Whether the event was sent; tries until it was, or until stopped."""
        failures = 0
        while not self._stop_now.is_set():
            try:
                self._sender.send(stamped(cue.step, datetime.now(UTC)))
            except ServerUnreachable as error:
                failures += 1
                if failures == FAILURES_UNTIL_SAID:
                    self._say(f"demo: {error}; trying again")
                self._stop_now.wait(RETRY_SECONDS)
            else:
                return True
        return False

    def stop(self) -> None:
        """No further event is sent."""
        self._stop_now.set()
        if self.is_alive():
            self.join()
