"""`tasktrail workers`: the processes that executed tasks, newest first."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.figures import count_text, duration_text, elapsed_seconds
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import cost_cell, gather, show_list, texts, time_text
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Cell, Column, Row
from tasktrail.model.ledger_filters import WORKER_STATUSES

COLUMNS = (
    Column("WORKER", least=12),
    Column("STATUS"),
    Column("TASK", least=12),
    Column("SPAWNED", optional=3),
    Column("TOOK", right=True, optional=4),
    Column("EXIT", right=True, optional=2),
    Column("CALLS", right=True, optional=5),
    Column("COST", right=True),
    Column("AGENT", optional=1),
)
STYLES = {"failed": "bold red", "completed": "green", "spawned": "blue", "cancelled": "dim"}


@click.command
@click.option("--task", "task_id", help="Only workers of that task.")
@click.option("--session", "session_id", help="Only workers of that session.")
@click.option("--status", type=click.Choice(WORKER_STATUSES), help="How they are.")
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="At most so many."
)
@takes_invocation()
def workers(invocation: Invocation, *, limit: int, **said: str | None) -> None:
    """The processes that executed tasks, newest first, with what their model calls cost."""
    with connected(invocation) as connection:
        ledger = connection.reader.ledger
        found = gather(ledger.workers, "workers", texts(said), limit)
    show_list(invocation, found, columns=COLUMNS, row=row_of, noun="worker")


def row_of(worker: Answer) -> Row:
    """A worker on one line."""
    times = {"started_at": worker["spawned_at"], "completed_at": worker["completed_at"]}
    return (
        worker["worker_id"],
        Cell(worker["status"] or "-", STYLES.get(worker["status"] or "", "")),
        worker["task_id"] or "-",
        time_text(worker["spawned_at"]),
        duration_text(elapsed_seconds(times, now=None)),
        "-" if worker["exit_code"] is None else str(worker["exit_code"]),
        count_text(worker["calls"]),
        cost_cell(worker),
        worker["agent"] or "-",
    )
