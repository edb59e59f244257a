"""Runs a command so that its trail shows what it wrote, how it ended and what it took.

The command is not harmed: it runs, is shown and ends as without us, also when nothing can be
recorded. What a command inside of it writes to the same pipe is recorded once, by the outer one.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from tasktrail.sdk.capture.backlog import Backlog
from tasktrail.sdk.capture.child import (
    NOT_EXECUTABLE,
    NOT_FOUND,
    Child,
    Ended,
    signals_held,
)
from tasktrail.sdk.capture.events import LineEvents
from tasktrail.sdk.capture.memory import MemoryWatch, OutOfMemory
from tasktrail.sdk.capture.story import Ending, Story, Verdict
from tasktrail.sdk.capture.streams import Stream, identity_of
from tasktrail.sdk.capture.teller import STDERR, STDOUT, Interpreter, SendAll, Teller
from tasktrail.sdk.trouble import Trouble

PIPES_VARIABLE: Final = "TASKTRAIL_RUN_PIPES"  # tells commands inside which pipes are read already
SHOWN_AT: Final = {STDOUT: 1, STDERR: 2}
# Threads that read must not wait long for the one that tells: the command would feel it.
SWITCH_SECONDS: Final = 0.0005


class Judge(Interpreter, Protocol):
    """An interpreter that also knows what the command said about its own end."""

    @property
    def verdict(self) -> Verdict | None:
        """What it said; `None`: nothing."""


class Outcome(NamedTuple):
    """What a caller does next."""

    exit_code: int
    unfinished: tuple[Stream, ...] = ()  # which children of the command still write to
    error: str | None = None  # why it did not run at all


class CapturedCommand:
    """One command, once."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        story: Story,
        send_all: SendAll,
        trouble: Trouble,
        judge: Judge | None = None,
    ) -> None:
        self._command = command
        self._environ = environ
        self._story = story
        self._judge = judge
        self._backlog = Backlog()
        _open_what_is_closed()
        read_already = environ.get(PIPES_VARIABLE, "").split()
        self._streams = [
            Stream(source, self._backlog, shown_at=fd)
            for source, fd in SHOWN_AT.items()
            if identity_of(fd) not in read_already
        ]
        events = {
            stream.source: LineEvents(
                story.task_id, labels={**story.labels, "source": stream.source}
            )
            for stream in self._streams
        }
        self._teller = Teller(self._backlog, events, send_all, trouble=trouble, interpreter=judge)

    def run(self) -> Outcome:
        """How it ended, once everything that it wrote is told; to be called in the main thread."""
        sys.setswitchinterval(SWITCH_SECONDS)
        streams = self._streams
        with signals_held() as mask:
            out_of_memory = OutOfMemory()
            try:
                child = self._start(mask)
            except OSError as error:
                self._story.cannot_begin(error)
                return Outcome(_code_of(error), error=str(error))
            memory = MemoryWatch()
            self._story.begins(child.pid)
            self._teller.begin()
            for stream in streams:
                stream.begin()
            ended = child.wait(memory.look)
            for stream in streams:
                stream.let_go()
            for stream in streams:
                stream.join()
            self._teller.end()
            self._tell_end(ended, memory, out_of_memory)
        return Outcome(ended.exit_code, tuple(one for one in streams if not one.has_ended))

    def _start(self, mask: set[signal.Signals | int]) -> Child:
        pipes = {stream.shown_at: stream.write_end for stream in self._streams}
        read = " ".join(stream.pipe for stream in self._streams)
        before = self._environ.get(PIPES_VARIABLE, "")
        environ = {**self._environ, PIPES_VARIABLE: f"{before} {read}".strip()}
        return Child(self._command, environ, pipes=pipes, mask=mask)

    def _tell_end(self, ended: Ended, memory: MemoryWatch, out_of_memory: OutOfMemory) -> None:
        was_killed = ended.killed_by == signal.SIGKILL or ended.code == 128 + signal.SIGKILL
        ending = Ending(
            ended,
            memory.peak_bytes(ended.usage),
            was_killed and out_of_memory.has_struck(),
            self._teller.last_words(STDERR),
            self._judge.verdict if self._judge else None,
        )
        self._story.ends(ending)


def _open_what_is_closed() -> None:
    """Nothing of ours may come to stand where the command expects stdin, stdout or stderr."""
    for fd in range(3):
        if not identity_of(fd):
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


def _code_of(error: OSError) -> int:
    return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
