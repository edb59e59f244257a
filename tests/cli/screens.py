"""Outputs that a test can read: a terminal, or a pipe."""

import io

from tasktrail.cli.output import Output
from tasktrail.cli.terminal import PIPE_WIDTH, Terminal

PIPE = Terminal(is_terminal=False, has_color=False, has_unicode=True, width=PIPE_WIDTH)


class Screen:
    """What a command wrote, and what it said."""

    def __init__(self, terminal: Terminal = PIPE) -> None:
        self._data = io.StringIO()
        self._talk = io.StringIO()
        self.output = Output(self._data, self._talk, terminal)

    @property
    def written(self) -> str:
        """All of stdout."""
        return self._data.getvalue()

    @property
    def said(self) -> str:
        """All of stderr."""
        return self._talk.getvalue()


def terminal(width: int, *, color: bool = False) -> Terminal:
    """A terminal of that width."""
    return Terminal(is_terminal=True, has_color=color, has_unicode=True, width=width)
