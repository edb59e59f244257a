"""What a forked child has to make anew: locks, threads and numbers are its parent's."""

import os
import weakref
from typing import Protocol


class Renewable(Protocol):
    """Something of a process that its forked child must not share."""

    def renew(self) -> None:
        """As new, in the child."""


def renew_after_fork(thing: Renewable) -> None:
    """A forked child's copy is renewed; hooks cannot be taken back, so they hold nothing."""
    found = weakref.ref(thing)

    def renew() -> None:
        ours = found()
        if ours is not None:
            ours.renew()

    os.register_at_fork(after_in_child=renew)
