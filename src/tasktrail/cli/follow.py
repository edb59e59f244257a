"""`tasktrail follow`: what every task says, as it is recorded."""

from typing import Any

import click

from tasktrail.cli.connect import connected
from tasktrail.cli.filter_options import SEARCH, TASK, filter_options, wanted_of
from tasktrail.cli.following import all_news, follow_by_looking, follow_by_socket
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.printer import Printer, entry_options


@click.command
@SEARCH
@filter_options
@TASK
@entry_options
@takes_invocation()
def follow(
    invocation: Invocation,
    *,
    full: bool,
    ansi: str,
    **said: Any,  # noqa: ANN401 - click's
) -> None:
    """The entries of all tasks from now on, as they are recorded, until Ctrl-C."""
    wanted = wanted_of(invocation, said)
    printer = Printer(invocation, full=full, ansi=ansi, names_task=True)
    with connected(invocation) as connection:
        if connection.url is None:
            follow_by_looking(invocation, all_news(connection, wanted), printer.print)
            return
        from tasktrail.cli.socket_tail import SocketTail  # noqa: PLC0415 - only a server needs it

        socket = SocketTail(connection.url, wanted, api_key=connection.api_key)
        follow_by_socket(invocation, socket, printer.print)
