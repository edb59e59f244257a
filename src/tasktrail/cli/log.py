"""`tasktrail log`: the last entries of a task, oldest first, and with -f what comes after them."""

import time
from typing import Any, Final

import click

from tasktrail.cli.connect import connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import params_of, takes_invocation
from tasktrail.cli.printer import Printer
from tasktrail.cli.tail import Tail
from tasktrail.errors import LockHeld, ServerUnreachable
from tasktrail.model.filters import parse_filter

POLL_SECONDS: Final = 0.2  # how soon a follower sees a new entry
AWAY_SECONDS: Final = 1.0  # between tries to reach a server that went away


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
@click.option("--level", multiple=True, help="Exactly this level; several.")
@click.option("--min-level", help="This level and above: debug, info, warning, error, critical.")
@click.option("--source", multiple=True, help="Who wrote it; several.")
@click.option("--stage", multiple=True, help="In which stage; several.")
@click.option("--channel", multiple=True, help="log, agent_output, webhook_flow, …; several.")
@click.option("--search", help="A piece of the message, whatever its case.")
@click.option("--since", metavar="TIME", help="10m, 24h, 7d or an ISO time.")
@click.option("--full", is_flag=True, help="Long entries whole, on a terminal too.")
@takes_invocation()
def log(
    invocation: Invocation,
    *,
    task_id: str,
    follow: bool,
    count: int,
    full: bool,
    **said: Any,  # noqa: ANN401 - click's
) -> None:
    """The last entries of TASK that match, of all channels, oldest first.

    In a pipe every entry is whole; a terminal shows the beginning of very long ones.
    """
    wanted = parse_filter(params_of(said), now=invocation.now())
    printer = Printer(invocation, full=full)
    with connected(invocation) as connection:
        tail = Tail(connection, task_id, wanted)
        printer.print(tail.last(count))
        if tail.unreadable:
            invocation.output.say(f"{tail.unreadable:,} entries cannot be read: tasktrail verify")
        if follow:
            _follow(invocation, tail, printer)


def _follow(invocation: Invocation, tail: Tail, printer: Printer) -> None:
    """New entries as they come, until Ctrl-C; a server that goes away is waited for."""
    is_away = False
    while True:
        invocation.output.check_reader()
        try:
            shown = printer.print(tail.following())
        except (ServerUnreachable, LockHeld) as error:
            if not is_away:
                invocation.output.say(f"{error}; trying again")
            is_away = True
            time.sleep(AWAY_SECONDS)
            continue
        if is_away:
            invocation.output.say(f"back, {shown:,} caught up")
        is_away = False
        time.sleep(POLL_SECONDS)
