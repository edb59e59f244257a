"""A command's stdout or stderr: shown at once, and kept for the trail.

Whoever reads our output and goes away (`| head`) takes the command's output away too, so that it
ends as it would without us.
"""

import os
import select
import threading
import time
from contextlib import suppress
from typing import Final

from tasktrail.sdk.capture.backlog import Backlog, Chunk

READ_BYTES: Final = 256 << 10
MILLISECONDS: Final = 1_000
PATIENCE_SECONDS: Final = 1.0  # how long we wait for a command's children to let go of its output
PIPE_BYTES: Final = 256 << 10  # what a command may write before we must run


class Stream:
    """One pipe of a command, read by a thread of its own."""

    def __init__(self, source: str, backlog: Backlog, *, shown_at: int) -> None:
        """`shown_at` is our own descriptor that the user reads."""
        self.source = source
        self._backlog = backlog
        self.shown_at = shown_at
        self.read_end, self.write_end = os.pipe()
        _widen(self.write_end)
        self._stop, self._stopper = os.pipe()
        self._leave_at: float | None = None
        self._read_since_stop = 0
        self.has_ended = False
        self._thread = threading.Thread(target=self._run, name=f"capture-{source}", daemon=True)

    @property
    def pipe(self) -> str:
        """Which pipe it is, to whoever holds an end of it."""
        return identity_of(self.read_end)

    def begin(self) -> None:
        """Only the command's processes hold the other end from here on."""
        os.close(self.write_end)
        self._thread.start()

    def _run(self) -> None:
        """Until nobody writes any more or nobody reads any more, or as `let_go` says."""
        while self._is_readable():
            block = os.read(self.read_end, READ_BYTES)
            if not block:
                self.has_ended = True
                return
            self._read_since_stop += len(block)
            is_read = self._show(block)
            self._backlog.put(Chunk(self.source, block, time.time_ns() // 1_000))
            if not is_read:
                self._cut_off()
                return

    def _is_readable(self) -> bool:
        """Whether there is something to read, or its end; waits for it while we may."""
        if self._leave_at is None:
            if self.read_end in _ready(None, self.read_end, self._stop):
                return True
            self._leave_at = time.monotonic() + PATIENCE_SECONDS
            self._read_since_stop = 0
        left = max(0.0, self._leave_at - time.monotonic())
        if not left and self._read_since_stop >= PIPE_BYTES:
            return False  # all that the command itself wrote was read
        return bool(_ready(left, self.read_end))

    def _cut_off(self) -> None:
        os.close(self.read_end)
        self.read_end = -1
        self.has_ended = True

    def _show(self, block: bytes) -> bool:
        """Whether somebody still reads what is shown."""
        rest = memoryview(block)
        while rest:
            try:
                rest = rest[os.write(self.shown_at, rest) :]
            except BlockingIOError:  # another program made the terminal so
                _wait_for_room(self.shown_at)
            except BrokenPipeError:
                return False
            except OSError:  # closed from the start, or its disk is full: the trail goes on
                return True
        return True

    def let_go(self) -> None:
        """The command has ended: read what it wrote, and wait a moment for its children."""
        os.write(self._stopper, b".")

    def join(self) -> None:
        """We have stopped reading.

        Where children of the command keep writing, `has_ended` is false: whoever has `read_end`
        may go on.
        """
        self._thread.join()

    def close(self) -> None:
        """Nothing of it is ours any more."""
        for fd in (self.read_end, self._stop, self._stopper):
            with suppress(OSError):
                os.close(fd)


def _ready(seconds: float | None, *fds: int) -> set[int]:
    """Which of them can be read, or have ended."""
    watched = select.poll()
    for fd in fds:
        watched.register(fd, select.POLLIN)
    return {fd for fd, _ in watched.poll(None if seconds is None else seconds * MILLISECONDS)}


def _wait_for_room(fd: int) -> None:
    watched = select.poll()
    watched.register(fd, select.POLLOUT)
    watched.poll()


def identity_of(fd: int) -> str:
    """What a descriptor leads to, the same for everybody who has it; empty where it is closed."""
    try:
        found = os.fstat(fd)
    except OSError:
        return ""
    return f"{found.st_dev}:{found.st_ino}"


def _widen(pipe: int) -> None:
    # Not everywhere to be had, and not needed for anything but speed.
    import fcntl  # noqa: PLC0415

    with suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
