"""`tasktrail watch`: one task's stages as they go, until it ends; exits with its result.

On a terminal the picture stays in its place and is drawn anew; in a pipe each change is a line.
"""

import time
from typing import Any, Final

import click

from tasktrail.cli.connect import Answer, Connection, connected
from tasktrail.cli.figures import duration_text, elapsed_seconds, money_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.line_writer import entry_text, line_style
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Cell, status_cell, table_text, write_line
from tasktrail.cli.stage_rows import COLUMNS, is_retried, stage_row
from tasktrail.errors import LockHeld, ServerUnreachable
from tasktrail.model.filters import EntryFilter
from tasktrail.model.statuses import TERMINAL

LOOK_SECONDS: Final = 0.3
LAST_ERRORS: Final = 3
DONE: Final = 0
FAILED: Final = 1
UP: Final = "\x1b[{}A\x1b[J"  # back to the first line of the picture, and wipe it


@click.command
@click.argument("task_id", metavar="TASK")
@click.option("--timeout", type=click.FloatRange(0), metavar="SECONDS", help="Give up after that.")
@takes_invocation()
def watch(invocation: Invocation, *, task_id: str, timeout: float | None) -> int:
    """The stages of TASK as they go, until it ends.

    Exits with 0 when it completed, 1 when it failed or was cancelled, 5 when it still runs after
    --timeout. With --json each stage that changed is a line, and the task itself the last one.
    """
    with connected(invocation) as connection:
        picture = Picture(invocation, connection)
        deadline = None if timeout is None else time.monotonic() + timeout
        task = _until_over(picture, connection, task_id, deadline)
        picture.end(task)
    return DONE if task["status"] == "completed" else FAILED


def _until_over(
    picture: "Picture", connection: Connection, task_id: str, deadline: float | None
) -> Answer:
    is_known = False
    while True:
        try:
            task = connection.reader.task(task_id)
            is_known = True
            picture.show(task, connection.reader.stages(task_id)["stages"])
            if task["status"] in TERMINAL:
                return task
        except (ServerUnreachable, LockHeld) as error:
            if not is_known:
                raise
            picture.say(str(error))
        if deadline is not None and time.monotonic() >= deadline:
            raise TimeoutError(f"{task_id} has not ended yet")
        time.sleep(LOOK_SECONDS)
        connection.refresh()


class Picture:
    """What is on the screen, or what was last told of each stage."""

    def __init__(self, invocation: Invocation, connection: Connection) -> None:
        self._invocation = invocation
        self._connection = connection
        self._output = invocation.output
        self._told: dict[tuple[str, int], Any] = {}
        self._lines = 0
        self._said = ""

    def show(self, task: Answer, stages: list[Answer]) -> None:
        """The task as it is now."""
        self._output.check_reader()
        self._said = ""
        if self._output.terminal.is_terminal and not self._invocation.as_json:
            self._draw(task, stages)
        else:
            self._tell(stages)

    def say(self, text: str) -> None:
        """What is in the way, once."""
        if text != self._said:
            self._said = text
            self._output.say(f"{text}; trying again")

    def end(self, task: Answer) -> None:
        """How it ended, and of a failure what led to it."""
        if self._invocation.as_json:
            self._output.write_json(task)
        elif not self._output.terminal.is_terminal:
            self._header(task)
        if not self._invocation.as_json and task["status"] == "failed":
            self._failure(task)
        self._output.flush()

    def _draw(self, task: Answer, stages: list[Answer]) -> None:
        now, terminal = self._invocation.now(), self._output.terminal
        several = is_retried(stages)
        rows = [stage_row(one, terminal, now=now, several=several) for one in stages]
        body = table_text(terminal, COLUMNS, rows, titles=False) if rows else "  no stages yet\n"
        if self._lines:
            self._output.write(UP.format(self._lines))
        self._header(task)
        self._output.write(body)
        self._output.flush()
        self._lines = 1 + body.count("\n")

    def _header(self, task: Answer) -> None:
        is_over = task["status"] in TERMINAL
        took = task["duration_seconds"] if is_over else None
        if took is None:
            took = elapsed_seconds(task, now=None if is_over else self._invocation.now())
        cells: list[Cell | str] = [
            status_cell(task["status"], self._output.terminal),
            f"  {task['task_id']}  ",
            Cell(task["title"] or "", "bold"),
            f"  {duration_text(took)}",
        ]
        if task["cost_micro_usd"] is not None:
            cells.append(f"  {money_text(task['cost_micro_usd'])}")
        write_line(self._output, *cells)

    def _tell(self, stages: list[Answer]) -> None:
        terminal, now = self._output.terminal, self._invocation.now()
        for stage in stages:
            key, state = (stage["stage"], stage["number"]), (stage["status"], stage["error"])
            if self._told.get(key) == state:
                continue
            self._told[key] = state
            if self._invocation.as_json:
                self._output.write_json(stage)
            else:
                row = stage_row(stage, terminal, now=now, several=is_retried(stages))
                cells = [row[0], f"  {row[1]}  ", row[2], "  ", row[-1]]
                write_line(self._output, *cells)
        self._output.flush()

    def _failure(self, task: Answer) -> None:
        style = line_style(self._output.terminal, raw=self._invocation.is_raw, full=False)
        wanted = EntryFilter(min_level="error")
        reader, task_id = self._connection.reader, task["task_id"]
        found = reader.logs(task_id, wanted, limit=LAST_ERRORS, order="desc")["logs"]
        for row in reversed(found):
            self._output.write(entry_text(row, style, today=self._invocation.today()))
        page = self._connection.page(task_id)
        self._output.say(f"more: tasktrail log {task_id}" + (f" · {page}" if page else ""))
