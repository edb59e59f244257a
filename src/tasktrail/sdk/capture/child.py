"""A command as a child process that cannot tell the difference, and what became of it.

It has our terminal, our stdin, our process group and every descriptor that we were given; only its
stdout and stderr are pipes. What is typed at the terminal (Ctrl-C, Ctrl-Z) reaches it without us;
signals that somebody sends to us are passed on to it, and we stay until it has ended.
"""

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NamedTuple

NOT_FOUND: Final = 127  # what shells say
NOT_EXECUTABLE: Final = 126
SIGNALLED: Final = 128  # plus the signal's number
PASSED_ON: Final = frozenset(
    {
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGQUIT,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGALRM,
    }
)
WATCHED: Final = PASSED_ON | {signal.SIGCHLD}
ENDINGS: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})
# Python ignores these for itself; a command expects them as they are by default.
BY_DEFAULT: Final = (signal.SIGPIPE, signal.SIGXFSZ)
FROM_KERNEL: Final = 0x80  # `si_code` of a signal that the terminal sent to the whole group
NANOS_PER_MICRO: Final = 1_000
FIRST_LOOK_SECONDS: Final = 0.005
LONGEST_LOOK_SECONDS: Final = 1.0
POLL_SECONDS: Final = 0.02  # where the kernel cannot be asked to wait for a signal
ASKED_SECONDS: Final = 60.0  # how long a command may take to end when it was asked to


class Ended(NamedTuple):
    """How a command ended."""

    code: int | None  # `None`: a signal ended it
    killed_by: signal.Signals | int | None
    asked_by: signal.Signals | None  # the last signal by which somebody wanted it to end
    seconds: float
    at: int  # µs since the epoch
    usage: resource.struct_rusage

    @property
    def exit_code(self) -> int:
        """What a shell would say."""
        if self.code is not None:
            return self.code
        return SIGNALLED + int(self.killed_by or 0)


@contextmanager
def signals_held() -> Iterator[set[signal.Signals | int]]:
    """Signals wait for `Child.wait` while the block runs; gives the mask from before.

    To be entered in the main thread before any other thread is started.
    """
    # Whoever ignores SIGCHLD is told of no child's end; its default is to be thrown away.
    before = signal.signal(signal.SIGCHLD, _thrown_away)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    try:
        yield set(mask)
    finally:
        while receive(0):
            pass  # came after the end of the command they were meant for
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL if before is None else before)


def _thrown_away(_number: int, _frame: FrameType | None) -> None:
    """Signals are waited for, not handled."""


class Received(NamedTuple):
    """A signal that came to us."""

    number: signal.Signals
    is_from_terminal: bool  # then everybody in our group has it already


def received_within(seconds: float) -> Received | None:
    """The next signal that comes in that time."""
    found = signal.sigtimedwait(WATCHED, seconds)
    # Stopped and continued while it waits, CPython may answer with what was never written.
    if found is None or found.si_signo not in WATCHED:
        return None
    return Received(signal.Signals(found.si_signo), found.si_code == FROM_KERNEL)


def polled_within(seconds: float) -> Received | None:
    """The same where the kernel can neither wait so long nor tell who sent it."""
    deadline = time.monotonic() + seconds
    while not (pending := signal.sigpending() & WATCHED):
        if time.monotonic() >= deadline:
            return None
        time.sleep(POLL_SECONDS)
    number = signal.Signals(signal.sigwait(pending))
    is_typed = number in {signal.SIGINT, signal.SIGQUIT} and os.isatty(0)
    return Received(number, is_typed)


receive: Final = received_within if hasattr(signal, "sigtimedwait") else polled_within


class Child:
    """A running command."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        pipes: Mapping[int, int],
        mask: set[signal.Signals | int],
    ) -> None:
        """Started; raises OSError when there is no such program.

        `pipes` stand at its descriptors of those numbers; `mask` is its signal mask, not ours.
        """
        moves = [(os.POSIX_SPAWN_DUP2, pipe, number) for number, pipe in pipes.items()]
        self._began = time.monotonic()
        self.pid = os.posix_spawnp(
            command[0],
            list(command),
            dict(environ),
            file_actions=moves,
            setsigmask=mask,
            setsigdef=BY_DEFAULT,
        )
        self._asked_by: signal.Signals | None = None
        self._asked_at = 0.0

    def wait(
        self,
        look: Callable[[int], None],
        *,
        receive: Callable[[float], Received | None] = receive,
    ) -> Ended:
        """How it ended; until then signals are passed on, and `look` sees it now and then."""
        pause = FIRST_LOOK_SECONDS
        while True:
            ended = self._reaped()
            if ended:
                return ended
            look(self.pid)
            received = receive(pause)
            if received is None:
                pause = min(2 * pause, LONGEST_LOOK_SECONDS)
            elif received.number != signal.SIGCHLD:
                self._pass_on(received)

    def _reaped(self) -> Ended | None:
        """How it ended, if it did; as the first process of a container we reap orphans too."""
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == self.pid:
                return self._ended(status, usage)
            if pid == 0:
                return None

    def _ended(self, status: int, usage: resource.struct_rusage) -> Ended:
        seconds = time.monotonic() - self._began
        while received := receive(0):  # came with its end, and may be why
            self._note(received)
        if os.WIFEXITED(status):
            code, killed_by = os.WEXITSTATUS(status), None
        else:
            code, killed_by = None, _signal_of(os.WTERMSIG(status))
        is_late = time.monotonic() - self._asked_at > ASKED_SECONDS
        asked_by = None if is_late and killed_by != self._asked_by else self._asked_by
        return Ended(code, killed_by, asked_by, seconds, time.time_ns() // NANOS_PER_MICRO, usage)

    def _note(self, received: Received) -> None:
        if received.number in ENDINGS:
            self._asked_by = received.number
            self._asked_at = time.monotonic()

    def _pass_on(self, received: Received) -> None:
        self._note(received)
        if not received.is_from_terminal:
            with suppress(ProcessLookupError):
                os.kill(self.pid, received.number)


def _signal_of(number: int) -> signal.Signals | int:
    try:
        return signal.Signals(number)
    except ValueError:  # one of the real-time signals
        return number
