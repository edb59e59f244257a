"""`tasktrail log`: the last entries of a task, oldest first, and with -f what comes after them."""

from typing import Any

import click

from tasktrail.cli.connect import Connection, connected
from tasktrail.cli.filter_options import SEARCH, filter_options, wanted_of
from tasktrail.cli.following import follow_by_looking, follow_by_socket
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.printer import Printer, entry_options
from tasktrail.cli.tail import Tail
from tasktrail.errors import NotFound, TaskNotFound
from tasktrail.model.filters import EntryFilter


@click.command
@click.argument("task_id", metavar="TASK")
@click.option("--follow", "-f", is_flag=True, help="Then show new entries as they come.")
@click.option(
    "--count",
    "-n",
    type=click.IntRange(0),
    default=100,
    show_default=True,
    help="The last so many.",
)
@SEARCH
@filter_options
@entry_options
@takes_invocation()
def log(
    invocation: Invocation,
    *,
    task_id: str,
    follow: bool,
    count: int,
    full: bool,
    ansi: str,
    **said: Any,  # noqa: ANN401 - click's
) -> None:
    """The last entries of TASK that match, of all channels, oldest first.

    In a pipe every entry is whole; a terminal shows the beginning of very long ones.
    """
    wanted = wanted_of(invocation, said)
    printer = Printer(invocation, full=full, ansi=ansi)
    with connected(invocation) as connection:
        tail = Tail(connection, task_id, wanted)
        try:
            printer.print(tail.last(count))
        except TaskNotFound:
            _check_session(connection, task_id)
            raise
        if tail.unreadable:
            invocation.output.say(f"{tail.unreadable:,} entries cannot be read: tasktrail verify")
        if follow:
            _follow(invocation, connection, tail, printer, wanted)


def _check_session(connection: Connection, trail_id: str) -> None:
    """Says so where a session has that id, as a search may have shown it."""
    try:
        connection.reader.session_logs(trail_id, EntryFilter(), limit=1)
    except NotFound:
        return
    raise TaskNotFound(f"expected a task, found a session: tasktrail session {trail_id} --log")


def _follow(
    invocation: Invocation,
    connection: Connection,
    tail: Tail,
    printer: Printer,
    wanted: EntryFilter,
) -> None:
    if connection.url is None:
        follow_by_looking(invocation, tail.following, printer.print)
        return
    from tasktrail.cli.socket_tail import SocketTail  # noqa: PLC0415 - only a follower needs it

    socket = SocketTail(
        connection.url,
        wanted,
        api_key=connection.api_key,
        task_id=tail.task_id,
        after_seq=tail.place,
    )
    follow_by_socket(invocation, socket, printer.print)
