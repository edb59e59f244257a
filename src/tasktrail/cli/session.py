"""`tasktrail session`: one coordinator run, its tasks and its workers."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import cost_cell, say_if_behind, show_facts
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.output import Output
from tasktrail.cli.printer import Printer, entry_options
from tasktrail.cli.render import Cell, Column, status_cell, write_table
from tasktrail.cli.workers import COLUMNS as WORKER_COLUMNS
from tasktrail.cli.workers import row_of
from tasktrail.model.filters import EntryFilter
from tasktrail.model.page import MAX_LIMIT

EVERY_ENTRY = EntryFilter()
TASK_COLUMNS = (
    Column("STATUS"),
    Column("TASK", least=16),
    Column("COST", right=True),
    Column("TITLE", flexible=True, least=20),
)
FACTS = ("started_at", "ended_at", "exit_reason", "git_commit", "branch", "host", "pid")


@click.command
@click.argument("session_id", metavar="SESSION")
@click.option("--log", "is_log", is_flag=True, help="Instead, what it said beside its tasks.")
@click.option(
    "--count",
    "-n",
    type=click.IntRange(1, MAX_LIMIT),
    default=100,
    show_default=True,
    help="With --log: the last so many.",
)
@entry_options
@takes_invocation()
def session(
    invocation: Invocation, *, session_id: str, is_log: bool, count: int, full: bool, ansi: str
) -> None:
    """SESSION's facts, tasks, workers and cost."""
    with connected(invocation) as connection:
        if is_log:
            page = connection.reader.session_logs(
                session_id, EVERY_ENTRY, limit=count, order="desc"
            )
            Printer(invocation, full=full, ansi=ansi).print(page["logs"][::-1])
            return
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
