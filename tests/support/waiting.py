"""Waiting for something that another thread or process does, without a fixed time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE_SECONDS = (
    120.0  # a loaded machine is slow without being wrong; only a failure waits so long
)


class NotedStop(threading.Event):
    """A stop that is never waited for, only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        """At once, whatever was asked."""
        self.waits.append(timeout)
        return False


def wait_until(is_true: Callable[[], object], *, what: str = "it") -> None:
    """Returns when it is so; fails after a long time."""
    _look_until(is_true, bool, what=what)


def in_the_end(look: Callable[[], Found]) -> Found:
    """The first finding that is one."""
    return _look_until(look, bool, what="a finding")


def eventually(read: Callable[[], object], expected: object) -> None:
    """Returns when the reading is what is expected; fails after a long time."""
    _look_until(read, lambda found: found == expected, what=repr(expected))


def _look_until(
    look: Callable[[], Found], is_enough: Callable[[Found], bool], *, what: str
) -> Found:
    """The first finding that is enough; a look whose own assertion fails came too early."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if is_enough(found := look()):
                return found
            missing = f"{what:.2000} never came, last seen: {found!r:.2000}"
        except AssertionError as error:
            missing = f"{what:.2000} never came: {error!s:.2000}"
        assert time.monotonic() < deadline, missing
        time.sleep(0.005)
