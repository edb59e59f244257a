"""`tasktrail executions`: the runs of a scheduled job, the newest first."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.figures import count_text, duration_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Cell, Column, Row, status_cell, write_table
from tasktrail.cli.terminal import Terminal, safe_line

COLUMNS = (
    Column("STATUS"),
    Column("EXECUTION", least=12),
    Column("TASK", least=12, optional=1),
    Column("STARTED", optional=2),
    Column("TOOK", right=True),
    Column("ENTRIES", right=True, optional=3),
    Column("RESULT", flexible=True),
)
WORDS = {"running": "active"}  # one icon for what runs, whoever calls it how
MILLISECONDS = 1_000


@click.command
@click.argument("job", metavar="[JOB]", required=False)
@click.option("--status", multiple=True, help="running (or active), completed, failed; several.")
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="At most so many."
)
@takes_invocation()
def executions(
    invocation: Invocation, *, job: str | None, status: tuple[str, ...], limit: int
) -> None:
    """The executions of JOB, or of all jobs, newest first."""
    words = tuple("running" if one == "active" else one for one in status)
    with connected(invocation) as connection:
        found = connection.reader.executions(job_id=job, status=words, limit=limit, offset=0)
    if invocation.as_json:
        for one in found["executions"]:
            invocation.output.write_json(one)
        return
    terminal = invocation.output.terminal
    rows = [_row(one, terminal) for one in found["executions"]]
    if rows:
        write_table(invocation.output, COLUMNS, rows)
    elif job is not None:
        invocation.output.say(f"no execution of {safe_line(job)} is known")
    invocation.output.say(f"{found['count']:,} of {count_text(found['total'])} executions")


def _row(one: Answer, terminal: Terminal) -> Row:
    took = one["duration_ms"]
    status = str(one["status"])
    said = one["error_message"] or one["result_summary"] or ""
    return (
        status_cell(WORDS.get(status, status), terminal),
        one["id"],
        one["task_id"] or "-",
        one["started_at"] or "-",
        duration_text(None if took is None else took / MILLISECONDS),
        count_text(one["log_count"]),
        Cell(said, "red" if one["error_message"] else ""),
    )
