"""`tasktrail session`: one coordinator run, its tasks and its workers."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import cost_cell, say_if_behind, show_facts
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.output import Output
from tasktrail.cli.render import Cell, Column, status_cell, write_table
from tasktrail.cli.workers import COLUMNS as WORKER_COLUMNS
from tasktrail.cli.workers import row_of

TASK_COLUMNS = (
    Column("STATUS"),
    Column("TASK", least=16),
    Column("COST", right=True),
    Column("TITLE", flexible=True, least=20),
)
FACTS = ("started_at", "ended_at", "exit_reason", "git_commit", "branch", "host", "pid")


@click.command
@click.argument("session_id", metavar="SESSION")
@takes_invocation()
def session(invocation: Invocation, *, session_id: str) -> None:
    """SESSION's facts, tasks, workers and cost."""
    with connected(invocation) as connection:
        answer = connection.reader.ledger.session(session_id)
    if invocation.as_json:
        invocation.output.write_json(answer)
        return
    _show(invocation.output, answer)
    say_if_behind(invocation, behind=bool(answer.get("behind")))


def _show(output: Output, answer: Answer) -> None:
    show_facts(output, f"session {answer['session_id']}", answer, FACTS)
    if answer["tasks"]:
        output.write("\n")
        rows = [
            (
                status_cell(task["status"], output.terminal),
                task["task_id"],
                cost_cell(task),
                Cell(task["title"] or "-"),
            )
            for task in answer["tasks"]
        ]
        write_table(output, TASK_COLUMNS, rows)
    if answer["workers"]:
        output.write("\n")
        write_table(output, WORKER_COLUMNS, [row_of(one) for one in answer["workers"]])
