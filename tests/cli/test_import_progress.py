"""The progress bar of an import."""

import sys
from io import StringIO

import pytest

from tasktrail.cli.import_progress import import_progress
from tasktrail.ingest.importing import NoProgress


class Terminal(StringIO):
    """A stderr that somebody looks at."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_nothing_is_drawn_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script's stderr stays as it was."""
    stderr = StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    with import_progress(10) as progress:
        progress.advance(5)

    assert isinstance(progress, NoProgress)
    assert stderr.getvalue() == ""


def test_a_terminal_sees_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """In bytes of those that there are."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with import_progress(2_000_000) as progress:
        progress.advance(2_000_000)

    assert "2.0/2.0 MB" in terminal.getvalue()
