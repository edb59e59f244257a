"""Prints entries as they are asked for: JSON lines, or lines for people."""

from collections.abc import Iterable

from tasktrail.cli.connect import Answer
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.line_writer import entry_text, line_style


class Printer:
    """Entries on stdout, in the form of this call."""

    def __init__(self, invocation: Invocation, *, full: bool) -> None:
        self._invocation = invocation
        self._output = invocation.output
        self._style = line_style(self._output.terminal, raw=invocation.is_raw, full=full)

    def print(self, rows: Iterable[Answer]) -> int:
        """How many entries were printed; they can be read when this returns."""
        count, today = 0, self._invocation.today()
        for count, row in enumerate(rows, 1):  # noqa: B007 - the count is the answer
            if self._invocation.as_json:
                self._output.write_json(row)
            else:
                self._output.write(entry_text(row, self._style, today=today))
        if count:
            self._output.flush()
        return count
