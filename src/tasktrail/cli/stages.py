"""`tasktrail stages`: a job's stages with the pieces of work in them, or a task's stages."""

from collections.abc import Sequence

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.figures import UNKNOWN, count_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, write_table
from tasktrail.cli.stage_rows import COLUMNS, is_retried, stage_row
from tasktrail.errors import TaskNotFound

JOB_COLUMNS = (Column("STAGE"), Column("ITEM", flexible=True), Column("ENTRIES", right=True))
UNNAMED = "unknown"  # what stands for a stage, or a piece of work, that nobody named


@click.command
@click.argument("job", metavar="JOB")
@takes_invocation()
def stages(invocation: Invocation, *, job: str) -> None:
    """The stages of JOB in the order in which they were first heard of.

    Of a job each stage, over all its executions, with the items that it worked on there and their
    entries; of a task that is no job each time it went through a stage. With --json one stage per
    line; `executions` lists a job's executions.
    """
    with connected(invocation) as connection:
        of_job = connection.reader.job_stages(job)["stages"]
        of_task: list[Answer] | None = None
        try:
            of_task = list(connection.reader.stages(job)["stages"])
        except TaskNotFound:
            if not of_job:
                raise
    is_job = of_task is None or has_pieces(of_job)
    found = of_job if of_task is None or is_job else of_task
    if invocation.as_json:
        for stage in found:
            invocation.output.write_json(stage)
    elif not found:
        invocation.output.say("no stages")
    elif is_job:
        _show_job(invocation, found)
    else:
        _show_task(invocation, found)


def has_pieces(of_job: Sequence[Answer]) -> bool:
    """Whether work inside the stages has names of its own."""
    return any(item["task_id"] != stage["stage"] for stage in of_job for item in stage["tasks"])


def _show_job(invocation: Invocation, found: list[Answer]) -> None:
    rows = [
        (_named(stage["stage"]), _item(stage, item), count_text(item["log_count"]))
        for stage in found
        for item in stage["tasks"]
    ]
    write_table(invocation.output, JOB_COLUMNS, rows)


def _item(stage: Answer, item: Answer) -> str:
    """Its name, where it has one of its own: what names no item is counted under its stage."""
    name: str = item["task_id"]
    return UNKNOWN if name == stage["stage"] else _named(name)


def _named(name: str) -> str:
    return UNKNOWN if name == UNNAMED else name


def _show_task(invocation: Invocation, found: list[Answer]) -> None:
    terminal, several = invocation.output.terminal, is_retried(found)
    now = invocation.now()
    rows = [stage_row(one, terminal, now=now, several=several) for one in found]
    write_table(invocation.output, COLUMNS, rows)
