"""Prints entries as they are asked for: JSON lines, or lines for people."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from tasktrail.cli.connect import Answer
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.line_writer import entry_text, line_style
from tasktrail.cli.terminal import safe_line

Function = Callable[..., Any]


def entry_options(function: Function) -> Function:
    """The function with the options of how entries are shown."""
    full = click.option("--full", is_flag=True, help="Long entries whole, on a terminal too.")
    ansi = click.option(
        "--ansi",
        type=click.Choice(["show", "strip", "pass"]),
        default="show",
        show_default=True,
        help="Colour codes in content: spelled out, left out, or let through.",
    )
    return full(ansi(function))


class Printer:
    """Entries on stdout, in the form of this call."""

    def __init__(
        self, invocation: Invocation, *, full: bool, ansi: str = "show", names_task: bool = False
    ) -> None:
        self._invocation = invocation
        self._output = invocation.output
        style = line_style(self._output.terminal, raw=invocation.is_raw, full=full)
        if ansi == "pass":  # where a colour code stands, nothing can be cut or folded
            style = style._replace(is_whole=True, width=None)
        self._style = style._replace(ansi=ansi)
        self._names_task = names_task

    def print(self, rows: Iterable[Answer]) -> int:
        """How many entries were printed; they can be read when this returns."""
        count, today = 0, self._invocation.today()
        for count, row in enumerate(rows, 1):  # noqa: B007 - the count is the answer
            if self._invocation.as_json:
                self._output.write_json(row)
            else:
                text = entry_text(row, self._style, today=today)
                self._output.write(f"{_trail_of(row)} {text}" if self._names_task else text)
        if count:
            self._output.flush()
        return count


def _trail_of(row: Answer) -> str:
    """The task of an entry, or the session of one that has none."""
    return safe_line(str(row["task_id"] or row.get("session_id") or "-"))
