"""`tasktrail sessions`: coordinator runs, newest first."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.figures import count_text, duration_text, elapsed_seconds
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import cost_cell, gather, show_list, time_text
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, Row

COLUMNS = (
    Column("SESSION", least=12),
    Column("STARTED"),
    Column("TOOK", right=True, optional=2),
    Column("ENDED", optional=3),
    Column("TASKS", right=True),
    Column("FAILED", right=True, optional=4),
    Column("WORKERS", right=True, optional=1),
    Column("COST", right=True),
    Column("TITLE", flexible=True, least=20),
)


@click.command
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="At most so many."
)
@takes_invocation()
def sessions(invocation: Invocation, *, limit: int) -> None:
    """Coordinator runs, newest first, with their tasks and what these cost."""
    with connected(invocation) as connection:
        found = gather(connection.reader.ledger.sessions, "sessions", {}, limit)
    show_list(invocation, found, columns=COLUMNS, row=_row, noun="session")


def _row(session: Answer) -> Row:
    times = {"started_at": session["started_at"], "completed_at": session["ended_at"]}
    counts = session["task_counts"]
    return (
        session["session_id"],
        time_text(session["started_at"]),
        duration_text(elapsed_seconds(times, now=None)),
        session["exit_reason"] or ("yes" if session["ended_at"] else "-"),
        count_text(sum(counts.values())),
        count_text(counts.get("failed", 0)),
        count_text(session["worker_count"]),
        cost_cell(session),
        session["title"] or "-",
    )
