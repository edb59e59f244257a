"""What a trail is told of a command besides its output: beginning, end, and what it took.

A command of its own is a task and its worker, so that running it again after its end is a new
attempt. A command inside of a task that somebody else began is a stage of it.
"""

import os
import secrets
import shlex
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from tasktrail.model.times import utc_text
from tasktrail.sdk.capture.child import Ended

ORIGIN: Final = "run"  # where such a task came from


class Send(Protocol):
    """How a story hands an event to its client."""

    def __call__(
        self,
        event_type: str,
        /,
        *,
        task_id: str | None = None,
        data: Mapping[str, object] | None = None,
        **envelope: Any,  # noqa: ANN401 - labels of any kind
    ) -> None:
        """Never raises."""


class Verdict(NamedTuple):
    """What a command itself says about how its work ended."""

    is_failure: bool
    said: Mapping[str, object]


class Ending(NamedTuple):
    """Everything known at the end of a command."""

    ended: Ended
    peak_memory_bytes: int | None
    is_out_of_memory: bool
    last_words: str  # the last line of stderr
    verdict: Verdict | None

    @property
    def status(self) -> str:
        """How the task ended."""
        if self.ended.exit_code == 0:
            return "failed" if self.verdict and self.verdict.is_failure else "completed"
        return "cancelled" if self.ended.asked_by else "failed"

    @property
    def error(self) -> str:
        """Why it did not end well: what the command said, else its last line on stderr."""
        is_failure = self.verdict is not None and self.verdict.is_failure
        told = str(self.verdict.said.get("error") or "") if self.verdict and is_failure else ""
        if self.ended.exit_code == 0:
            return told or "the command reported a failure"
        text = self._end_in_words()
        if self.verdict and not is_failure:
            text += ", although it had reported success"
        why = told or self.last_words
        return f"{text}: {why}" if why else text

    def _end_in_words(self) -> str:
        ended = self.ended
        killed = ended.code is None
        text = f"killed by {_name(ended.killed_by)}" if killed else f"exit code {ended.code}"
        if self.is_out_of_memory:
            text += ", out of memory"
        return text

    def figures(self) -> dict[str, object]:
        """What is known of it in numbers and names."""
        ended, usage = self.ended, self.ended.usage
        found: dict[str, object] = {
            "exit_code": ended.code,
            "signal": None if ended.code is not None else _name(ended.killed_by),
            "out_of_memory": self.is_out_of_memory or None,
            "duration_seconds": round(ended.seconds, 6),
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 6),
            "peak_memory_bytes": self.peak_memory_bytes,
        }
        return {name: value for name, value in found.items() if value is not None}


def _name(number: object) -> str:
    return str(getattr(number, "name", None) or f"signal {number}")


class Story(Protocol):
    """Tells where a command stands."""

    task_id: str
    labels: Mapping[str, object]

    def begins(self, pid: int | None) -> None:
        """The command runs; `None`: it is about to be said why it does not."""

    def cannot_begin(self, error: OSError) -> None:
        """There is no such program, or it may not be run."""

    def ends(self, ending: Ending) -> None:
        """The command has ended."""


class TaskStory:
    """A command that is a task."""

    def __init__(
        self, send: Send, task_id: str, command: Sequence[str], *, title: str | None = None
    ) -> None:
        self.task_id = task_id
        self._send_event = send
        self._title = title or command_text(command)
        self._command = list(command)
        self.labels: Mapping[str, object] = {"worker_id": f"w-{secrets.token_hex(3)}"}

    def _send(self, event_type: str, said: Mapping[str, object], at: int | None = None) -> None:
        when = {} if at is None else {"timestamp": utc_text(at)}
        self._send_event(event_type, task_id=self.task_id, data=said, **self.labels, **when)

    def begins(self, pid: int | None) -> None:
        """A task, and the worker that does it."""
        self._send("task:created", {"title": self._title, "source": ORIGIN})
        where = {"command": self._command, "cwd": _directory(), "host": socket.gethostname()}
        self._send("worker:spawned", where if pid is None else {"pid": pid, **where})
        self._send("task:started", {})

    def cannot_begin(self, error: OSError) -> None:
        """The task failed before it began."""
        self.begins(None)
        said = {"error": f"cannot be run: {error.strerror}: {self._command[0]}"}
        self._send("worker:failed", said)
        self._send("task:failed", said)

    def ends(self, ending: Ending) -> None:
        """The worker's end and the task's, with what the command said of it."""
        figures, at = ending.figures(), ending.ended.at
        said = {**(ending.verdict.said if ending.verdict else {}), **figures}
        if ending.status == "completed":
            self._send("worker:completed", figures, at)
            self._send("task:completed", {"result": "exit code 0", **said, **_status(ending)}, at)
            return
        failed = {**figures, "error": ending.error}
        self._send("worker:failed", failed, at)
        kind = "task:failed" if ending.status == "failed" else "task:completed"
        self._send(kind, {**said, **_status(ending), "error": ending.error}, at)


def _status(ending: Ending) -> dict[str, object]:
    return {"status": ending.status}


class StageStory:
    """A command inside of a task that tells its own beginning and end."""

    def __init__(self, send: Send, task_id: str, command: Sequence[str]) -> None:
        self.task_id = task_id
        self._send_event = send
        self._command = list(command)
        self.labels: Mapping[str, object] = {"stage": Path(command[0]).name or command[0]}

    def _send(self, event_type: str, said: Mapping[str, object], at: int | None = None) -> None:
        when = {} if at is None else {"timestamp": utc_text(at)}
        self._send_event(event_type, task_id=self.task_id, data=said, **self.labels, **when)

    def begins(self, pid: int | None) -> None:
        """A stage with the command's name."""
        said: dict[str, object] = {"command": self._command}
        self._send("stage:started", said if pid is None else {"pid": pid, **said})

    def cannot_begin(self, error: OSError) -> None:
        """The stage failed before it began."""
        self.begins(None)
        said = {"error": f"cannot be run: {error.strerror}: {self._command[0]}"}
        self._send("stage:failed", said)

    def ends(self, ending: Ending) -> None:
        """The stage's end."""
        figures, at = ending.figures(), ending.ended.at
        if ending.status == "completed":
            self._send("stage:completed", figures, at)
        else:
            self._send("stage:failed", {**figures, "error": ending.error}, at)


def command_text(command: Sequence[str]) -> str:
    """The command as one would type it, on one line."""
    return " ".join(shlex.join(command).split("\n"))


def _directory() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - text is what is told
    except OSError:  # it was removed under us
        return None
