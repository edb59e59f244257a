"""Faults at system calls: the n-th call that changes the disk fails, is cut short, or kills.

The calls are those of `os`, replaced before anything else is imported, so that whoever took one of
them by name took ours. A short write is a real one: half of the bytes are written, and the caller
is told so. SQLite writes from C and is not seen here; the index has a proof of its own.

Nothing of the product is imported here.
"""

import errno
import os
import signal
from collections.abc import Callable
from typing import Any, Final

WRITES: Final = ("write", "pwrite")
SYNCS: Final = ("fsync", "fdatasync")
NAMES: Final = ("rename", "replace", "link", "unlink", "mkdir", "ftruncate")
CALLS: Final = (*WRITES, *SYNCS, *NAMES)
FAULTS: Final = ("kill", "kill-after", "EIO", "ENOSPC", "short")
SYNC_FILE_SYSTEM: Final = "syncfs"


class Injection:
    """What happens at which call of this process; nothing until it is armed."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._fault = ""
        self._at = 0
        self._is_armed = False

    def arm(self, fault: str, at: int) -> None:
        """From here on calls are counted; the `at`-th meets the fault; 0: none does."""
        self.calls, self._fault, self._at, self._is_armed = [], fault, at, True

    def disarm(self) -> None:
        """Calls are no longer counted."""
        self._is_armed = False

    def meet(self, name: str, call: Callable[..., Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401
        """What the call gives, or its fault."""
        if not self._is_armed:
            return call(*args, **named)
        self.calls.append(name)
        if len(self.calls) != self._at:
            return call(*args, **named)
        if self._fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._fault == "kill-after":
            call(*args, **named)
            os.kill(os.getpid(), signal.SIGKILL)
        if self._fault == "short":
            return self._shorten(name, call, *args, **named)
        number = getattr(errno, self._fault)
        raise OSError(number, os.strerror(number))

    @staticmethod
    def _shorten(name: str, call: Callable[..., Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401
        """Half of the bytes are written; calls that write none are as they were."""
        if name not in WRITES or len(args[1]) <= 1:
            return call(*args, **named)
        fd, blob, *rest = args
        return call(fd, bytes(blob)[: len(blob) // 2], *rest, **named)


def install(injection: Injection) -> None:
    """Every such call of this process goes through the injection."""
    for name in CALLS:
        setattr(os, name, _through(injection, name, getattr(os, name)))


def _through(injection: Injection, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any call of os
        return injection.meet(name, original, *args, **named)

    return call
