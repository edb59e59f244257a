"""`tasktrail emit`: one entry from a shell script, with or without a running service."""

import sys
from typing import Final, NamedTuple

import click

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import decode
from tasktrail.model.levels import LEVELS, parse_level
from tasktrail.sdk.client import connect

FAILED: Final = 1
SERVER_SECONDS: Final = 2.0  # a script waits no longer for a server; its event is kept meanwhile


class Entry(NamedTuple):
    """What is to be sent: the event's type, its data and the labels at its top level."""

    event_type: str
    data: dict[str, object]
    labels: dict[str, object]


@click.command
@click.argument("task_id", metavar="TASK")
@click.argument("message", required=False)
@click.option("--level", help="debug, info, warning, error or critical.  [info]")
@click.option("--source", help="Which component says it.  [system]")
@click.option("--stage", help="In which stage of the task.")
@click.option("--percent", type=float, help="How far the work is, 0 to 100.")
@click.option("--type", "event_type", help="Any event type, instead of a log entry.")
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
    given: str | None,
) -> int:
    """Send one entry to TASK: MESSAGE ("-" reads it from stdin), or any event.

    tasktrail emit gh-450 "cloning" --level info --source git --stage plan

    tasktrail emit gh-450 --type task:completed --data '{"status":"completed"}'

    It is on this machine's disk when the command returns. A server that is away costs a script two
    seconds and no failure: the event waits and goes with the next one.
    """
    if not task_id:
        raise click.UsageError("TASK: expected an id, found nothing", click.get_current_context())
    labels: dict[str, object] = {"level": _level(level), "source": source, "stage": stage}
    entry = Entry(
        event_type or ("task:log" if percent is None else "task:progress"),
        _data(message, percent, given, has_type=event_type is not None),
        {name: value for name, value in labels.items() if value is not None},
    )
    return _send(invocation, task_id, entry)


def _level(text: str | None) -> str | None:
    """The level as we spell it; raises a usage error for none of ours."""
    level = parse_level(text)
    if text is not None and level is None:
        expected = ", ".join(LEVELS)
        raise _misuse(f"--level: expected one of {expected}, found {text!r}")
    return level


def _data(
    message: str | None, percent: float | None, given: str | None, *, has_type: bool
) -> dict[str, object]:
    """The event's data; raises a usage error where there is nothing to say."""
    if message is None and not has_type:
        raise _misuse("expected MESSAGE or --type, found neither")
    found = {} if given is None else _object(given)
    if message is not None:
        found["message"] = sys.stdin.read().removesuffix("\n") if message == "-" else message
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


def _send(invocation: Invocation, task_id: str, entry: Entry) -> int:
    """The exit code: the entry is on disk, or it could not be kept."""
    settings = invocation.settings()
    is_remote = bool(settings.url) and not invocation.data
    target = settings.url if settings.url and is_remote else settings.data
    client = connect(target, durable=True)
    client.send(entry.event_type, task_id=task_id, data=entry.data, **entry.labels)
    if not client.close(timeout_seconds=SERVER_SECONDS):
        client.trouble.tell("away", f"{target} does not answer; the event waits here")
    return FAILED if client.lost or client.trouble.refused else 0  # the client has said why
