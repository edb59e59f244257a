"""`tasktrail tasks`: the list of tasks, with what shows at a glance whether one is stuck."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

import click

from tasktrail.cli.connect import Answer, Connection, connected
from tasktrail.cli.figures import (
    cost_text,
    count_text,
    duration_text,
    elapsed_seconds,
    silent_seconds,
)
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.line_writer import progress_bar
from tasktrail.cli.options import params_of, takes_invocation
from tasktrail.cli.render import Cell, Column, Row, status_cell, trouble_cell, write_table
from tasktrail.cli.terminal import Terminal
from tasktrail.model.filters import TaskFilter, parse_task_filter
from tasktrail.model.page import DEFAULT_LIMIT, MAX_LIMIT

COLUMNS = (
    Column("STATUS"),
    Column("TASK", least=16),
    Column("STAGE", optional=2, least=10),
    Column("ELAPSED", right=True),
    Column("COST", right=True, optional=3),
    Column("WARN", right=True, optional=1),
    Column("ERR", right=True),
    Column("TITLE", flexible=True, least=20),
)
SILENT = Column("SILENT", right=True)  # shown where a task is: behind ELAPSED
SILENT_PLACE: Final = 4
OVER = frozenset({"completed", "cancelled"})  # where a task stood last says nothing any more


@click.command
@click.option("--status", multiple=True, help="pending, active (or running), failed, …; several.")
@click.option("--source", multiple=True, help="Where tasks come from: github, jira, …; several.")
@click.option("--agent", multiple=True, help="Which agent does it; several.")
@click.option("--session", "session_id", help="Only tasks of that session.")
@click.option("--job", "job_id", help="Only tasks of that job.")
@click.option("--search", help="A piece of the id or the title.")
@click.option("--since", metavar="TIME", help="10m, 24h, 7d or an ISO time.")
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="At most so many."
)
@takes_invocation()
def tasks(invocation: Invocation, *, limit: int, **said: Any) -> None:  # noqa: ANN401 - click's
    """The list of tasks, newest first.

    STAGE is what a task is in now and how far, ELAPSED runs until it ends, WARN and ERR count
    entries of those levels. SILENT is there where a task is active and nothing was heard of it for
    ten minutes or more: its process may be gone.
    """
    wanted = parse_task_filter(params_of(said), now=invocation.now())
    with connected(invocation) as connection:
        found = find_tasks(connection.reader, wanted, limit)
        if invocation.as_json:
            for task in found.tasks:
                invocation.output.write_json(task)
        else:
            _show(invocation, connection, found)
        if found.is_behind:
            invocation.output.say("the index is behind: the newest tasks may be missing")


class Found(NamedTuple):
    """Tasks, how many match in all, and whether the answer may lack the newest."""

    tasks: list[Answer]
    total: int
    is_behind: bool


class Lister(Protocol):
    """What lists tasks."""

    def tasks(
        self, wanted: TaskFilter, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
    ) -> Answer:
        """A page of tasks, newest first."""


def find_tasks(reader: Lister, wanted: TaskFilter, limit: int) -> Found:
    """The first `limit` tasks that match."""
    page = reader.tasks(wanted, limit=min(limit, MAX_LIMIT))
    found = list(page["tasks"])
    while page["next_cursor"] is not None and len(found) < limit:
        left = min(limit - len(found), MAX_LIMIT)
        page = reader.tasks(wanted, limit=left, cursor=page["next_cursor"])
        found += page["tasks"]
    return Found(found, page["total_count"], bool(page.get("behind")))


def _show(invocation: Invocation, connection: Connection, found: Found) -> None:
    output, now = invocation.output, invocation.now()
    if found.tasks:
        write_table(output, *table_of(found.tasks, output.terminal, now))
    where = f" · {connection.url}/" if connection.url else ""
    output.say(f"{len(found.tasks):,} of {count_text(found.total)} tasks{where}")


def table_of(
    tasks: Sequence[Answer], terminal: Terminal, now: int
) -> tuple[Sequence[Column], Sequence[Row]]:
    """Columns and a row for each task; one column more where any has been silent for long."""
    rows = [_row(task, terminal, now) for task in tasks]
    silent = [silent_seconds(task, now=now) for task in tasks]
    if not any(silent):
        return COLUMNS, rows
    cells = [Cell("" if one is None else duration_text(one), "yellow") for one in silent]
    place = SILENT_PLACE
    return (
        (*COLUMNS[:place], SILENT, *COLUMNS[place:]),
        [(*row[:place], cell, *row[place:]) for row, cell in zip(rows, cells, strict=True)],
    )


def _row(task: Answer, terminal: Terminal, now: int) -> Row:
    is_running = task["status"] in {"active", "blocked"}
    counts = task["counts"]
    return (
        status_cell(task["status"], terminal),
        task["task_id"],
        "-" if task["status"] in OVER else stage_text(task, terminal),
        duration_text(elapsed_seconds(task, now=now if is_running else None)),
        cost_text(task),
        trouble_cell(counts["warnings"], "yellow"),
        trouble_cell(counts["errors"], "red"),
        Cell(task["title"] or "-"),
    )


def stage_text(task: Answer, terminal: Terminal) -> str:
    """The stage a task is in, with a bar where somebody says how far it is."""
    stage, percent = task["stage"] or "-", task["percent"]
    if percent is None or task["status"] != "active":
        return stage
    return f"{stage} {progress_bar(percent, has_unicode=terminal.has_unicode)} {percent:.0f}%"
