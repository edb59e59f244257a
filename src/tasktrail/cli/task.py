"""`tasktrail task`: one page about a task."""

import click

from tasktrail.cli.connect import connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.task_page import TaskPage


@click.command
@click.argument("task_id", metavar="TASK")
@takes_invocation()
def task(invocation: Invocation, *, task_id: str) -> None:
    """One page about TASK: stages, attempts, cost, result, and why it failed.

    With --json the task as the API answers it.
    """
    with connected(invocation) as connection:
        summary = connection.reader.task(task_id)
        if invocation.as_json:
            invocation.output.write_json(summary)
            return
        TaskPage(invocation, connection, summary).write()
