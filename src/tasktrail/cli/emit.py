"""`tasktrail emit`: entries from a shell script, with or without a running service."""

import os
import select
import time
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import click

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.errors import InvalidEvent
from tasktrail.model.channels import AGENT_OUTPUT, USER_INPUTS
from tasktrail.model.codec import decode
from tasktrail.model.event_types import channel_of
from tasktrail.model.levels import LEVELS, parse_level
from tasktrail.sdk.capture.events import LineEvents
from tasktrail.sdk.capture.lines import Line, StreamLines
from tasktrail.sdk.client import Client, connect
from tasktrail.store.root import check_is_begun

FAILED: Final = 1
STDIN: Final = "-"
NANOS_PER_MICRO: Final = 1_000
READ_BYTES: Final = 64 << 10
WAIT_SECONDS: Final = 1.0
SERVER_SECONDS: Final = 2.0  # a script waits no longer for a server; its event is kept meanwhile
# Where a message stands in events that have no `message`.
KEYS: Final = {"task:failed": "error", "task:completed": "result"}
CHANNEL_KEYS: Final = {AGENT_OUTPUT: "content", USER_INPUTS: "content"}


class Entry(NamedTuple):
    """What is to be sent: the event's type, its data and the labels at its top level."""

    event_type: str
    data: dict[str, object]
    labels: dict[str, Any]

    def saying(self, message: str) -> dict[str, object]:
        """The data with the message in its place."""
        kind = self.event_type
        key = KEYS.get(kind) or CHANNEL_KEYS.get(channel_of(kind), "message")
        return {**self.data, key: message}


@click.command
@click.argument("task_id", metavar="TASK")
@click.argument("message", required=False)
@click.option("--level", help="debug, info, warning, error or critical.  [info]")
@click.option("--source", help="Which component says it.  [system]")
@click.option("--stage", help="In which stage of the task.")
@click.option("--percent", type=float, help="How far the work is, 0 to 100.")
@click.option("--type", "event_type", help="Any event type, instead of a log entry.")
@click.option("--echo", is_flag=True, help="With -: show the lines as well.")
@takes_invocation(takes_object=True)
def emit(  # noqa: PLR0913 - each is an option
    invocation: Invocation,
    *,
    task_id: str,
    message: str | None,
    level: str | None,
    source: str | None,
    stage: str | None,
    percent: float | None,
    event_type: str | None,
    echo: bool,
    given: str | None,
) -> int:
    """Send one entry to TASK, or one for each line of stdin (MESSAGE is "-"), or any event.

    tasktrail emit gh-450 "cloning" --level info --source git --stage plan

    make 2>&1 | tasktrail emit gh-450 - --source make --echo

    tasktrail emit gh-450 --type task:completed --data '{"status":"completed"}'

    It is on this machine's disk when the command returns. A server that is away costs a script two
    seconds and no failure: the event waits and goes with the next one.
    """
    if not task_id:
        raise _misuse("TASK: expected an id, found nothing")
    _check_text(task_id)
    if message is None and event_type is None:
        raise _misuse("expected MESSAGE or --type, found neither")
    labels: dict[str, object] = {"level": _level(level), "source": source, "stage": stage}
    entry = Entry(
        event_type or ("task:log" if percent is None else "task:progress"),
        _data(percent, given),
        {name: value for name, value in labels.items() if value is not None},
    )
    return _send(invocation, task_id, entry, message, echo=echo)


def _check_text(task_id: str) -> None:
    """Raises a usage error for bytes that are no text: the trail would have another id."""
    try:
        task_id.encode()
    except UnicodeEncodeError as error:
        raise _misuse(f"TASK: expected text in UTF-8, found {task_id!a}") from error


def _level(text: str | None) -> str | None:
    """The level as we spell it; raises a usage error for none of ours."""
    level = parse_level(text)
    if text is not None and level is None:
        expected = ", ".join(LEVELS)
        raise _misuse(f"--level: expected one of {expected}, found {text!r}")
    return level


def _data(percent: float | None, given: str | None) -> dict[str, object]:
    """The event's data besides the message."""
    found = {} if given is None else _object(given)
    if percent is not None:
        found["percent"] = percent
    return found


def _object(text: str) -> dict[str, object]:
    try:
        found = decode(text.encode())
    except InvalidEvent as error:
        raise _misuse(f"--data: {error}") from error
    return found if isinstance(found, dict) else {}


def _misuse(message: str) -> click.UsageError:
    return click.UsageError(message, click.get_current_context())


def _send(
    invocation: Invocation, task_id: str, entry: Entry, message: str | None, *, echo: bool
) -> int:
    """The exit code: everything is on disk, or something could not be kept."""
    settings = invocation.settings()
    is_remote = bool(settings.url) and not invocation.data
    target = settings.url if settings.url and is_remote else settings.data
    if invocation.data:  # said outright: a mistyped one must not take the event
        check_is_begun(settings.data)
    client = connect(target, durable=message != STDIN)
    if message == STDIN:
        _send_lines(client, task_id, entry, shown_at=1 if echo else None)
    else:
        said = entry.data if message is None else entry.saying(message)
        client.send(entry.event_type, task_id=task_id, data=said, **entry.labels)
    client.close(timeout_seconds=SERVER_SECONDS)
    return FAILED if client.lost or client.trouble.refused else 0  # the client has said why


def _send_lines(client: Client, task_id: str, entry: Entry, *, shown_at: int | None) -> None:
    """One entry for each line of stdin, as they come."""
    lines, events = StreamLines(), LineEvents(task_id, labels=entry.labels)
    is_plain = entry.event_type == "task:log" and not entry.data

    def send(found: Iterable[Line]) -> None:
        if is_plain:
            now = time.time_ns() // NANOS_PER_MICRO
            encoded = [event for line in found for event in events.encode(line, now)]
            client.send_encoded(encoded, task_id=task_id)
            return
        for line in found:
            said = entry.saying(line.content.decode(errors="replace"))
            client.send(entry.event_type, task_id=task_id, data=said, **entry.labels)

    while True:
        if not select.select([0], [], [], WAIT_SECONDS)[0]:
            send(lines.wait())
            continue
        block = os.read(0, READ_BYTES)
        if not block:
            break
        if shown_at is not None:
            _show(block, shown_at)
        send(lines.feed(block))
    send(lines.finish())


def _show(block: bytes, fd: int) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(fd, rest) :]
