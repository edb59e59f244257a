"""A task's stages as rows of a table: the same on its page, in `stages` and in `watch`."""

from collections.abc import Sequence

from tasktrail.cli.connect import Answer
from tasktrail.cli.figures import duration_text, elapsed_seconds
from tasktrail.cli.render import Cell, Column, Row, status_cell, trouble_cell
from tasktrail.cli.terminal import Terminal

COLUMNS = (
    Column("STATUS"),
    Column("STAGE", least=12),
    Column("TOOK", right=True),
    Column("ENTRIES", right=True, optional=1),
    Column("WARN", right=True, optional=2),
    Column("ERR", right=True),
    Column("", flexible=True),
)
NAMED_ONLY = "seen"  # entries name the stage, nobody said that it began


def stage_row(stage: Answer, terminal: Terminal, *, now: int | None, several: bool) -> Row:
    """One stage; `now` for a task that runs, `several` when it was tried more than once."""
    status = stage["status"] or NAMED_ONLY
    took = stage["duration_seconds"]
    if took is None and stage["status"] == "active":
        took = elapsed_seconds(stage, now=now)
    attempt = f"attempt {stage['attempt']}" if several and stage["attempt"] else ""
    said = stage["error"] or attempt
    return (
        status_cell(status, terminal) if stage["status"] else Cell(f"  {NAMED_ONLY}", "dim"),
        f"{'  ' * stage['depth']}{stage['stage']}",
        duration_text(took),
        f"{stage['entries']:,}",
        trouble_cell(stage["warnings"], "yellow"),
        trouble_cell(stage["errors"], "red"),
        Cell(said, "red" if stage["error"] else "dim"),
    )


def is_retried(stages: Sequence[Answer]) -> bool:
    """Whether more than one attempt has stages."""
    return len({stage["attempt"] for stage in stages if stage["attempt"]}) > 1
