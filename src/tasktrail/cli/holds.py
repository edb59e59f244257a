"""`tasktrail holds`: webhook events that no task has claimed, by their webhook_event_id."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import counted, show_rows
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, Row

COLUMNS = (
    Column("STATE"),
    Column("WEBHOOK EVENT"),
    Column("SINCE"),
    Column("EVENTS", right=True),
    Column("TYPES", flexible=True),
)


@click.command
@takes_invocation()
def holds(invocation: Invocation) -> None:
    """Webhook events that no task has claimed.

    `held` waits for its task, `skipped` was said to lead to none, `expired` waited too long.
    """
    with connected(invocation) as connection:
        flows = list(connection.reader.holds())
    told = f"{counted(len(flows), 'flow')} without a task"
    show_rows(invocation, flows, columns=COLUMNS, row=_row, told=told)


def _row(flow: Answer) -> Row:
    types = flow["event_types"]
    return (
        flow["state"],
        flow["webhook_event_id"],
        flow["first_at"] or "-",
        f"{len(types):,}",
        ", ".join(types),
    )
