"""Roots with events in them, and services as processes."""

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tasktrail.cli.figures import Fields
from tasktrail.model.codec import encode
from tasktrail.service import open_service
from tasktrail.service.accept import Acceptor
from tasktrail.service.parts import open_parts
from tasktrail.settings import load_settings
from tests.cli.commands import PROGRAM
from tests.support.settled import settle
from tests.support.waiting import PATIENCE_SECONDS

STUCK_SECONDS = 3 * PATIENCE_SECONDS


def log_event(message: str, task_id: str = "gh-1", **fields: object) -> Fields:
    """A log entry as a producer sends it."""
    return {"type": "task:log", "task_id": task_id, "data": {"message": message}, **fields}


def accept(root: Path, events: Sequence[Fields]) -> None:
    """The events wait in the root's spool, and nobody has recorded them."""
    settings = load_settings({}, overrides={"data": str(root)})
    with open_parts(settings) as parts:
        acceptor = Acceptor(parts.spool, max_event_bytes=settings.max_event_bytes)
        receipt = acceptor.accept([encode(event) for event in events])

    assert not receipt.rejected


def begin(root: Path) -> Path:
    """An empty root, as a service leaves it that never got an event."""
    accept(root, [])
    return root


def record(root: Path, events: Sequence[Fields]) -> None:
    """The events are in their trails."""
    accept(root, events)
    with open_service(load_settings({}, overrides={"data": str(root)})):
        pass  # what came in is recorded when a service has ended


@contextmanager
def started(
    *arguments: str | Path, environ: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[str]"]:
    """The command, running; it is ended where it has not ended by itself.

    One that says nothing for minutes is killed, so that whoever waits for it fails, and not hangs.
    """
    with subprocess.Popen(
        [PROGRAM, *arguments],
        env={**os.environ, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watchdog = threading.Timer(STUCK_SECONDS, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


@contextmanager
def serving(root: Path, *arguments: str | Path) -> Iterator[str]:
    """The address of a service of that root, which has recorded what waited for it."""
    said = arguments if "--port" in arguments else ("--port", "0", *arguments)
    with started("serve", "--data", root, *said) as process:
        url = first_line(process.stdout)
        settle(root)
        yield url
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def first_line(stream: IO[str] | None) -> str:
    """The next line, without its end."""
    assert stream is not None
    return stream.readline().rstrip("\n")


def until(stream: IO[str] | None, text: str) -> str:
    """The next line that holds the text; whatever else is said before it is passed over."""
    assert stream is not None
    return next(line.rstrip("\n") for line in stream if text in line)
