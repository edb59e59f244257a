"""Prints entries as they are asked for."""

import pytest

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.printer import Printer
from tests.cli.commands import json_lines
from tests.cli.rows import row


def printer(*, as_json: bool) -> Printer:
    """The printer of a call."""
    call = Invocation(data=None, server=None, as_json=as_json, color=None, raw=False)
    return Printer(call, full=False)


def test_json_lines_hold_the_whole_entry(capsys: pytest.CaptureFixture[str]) -> None:
    """Each entry is one line of JSON, whatever line ends its text has."""
    text = "a\nb\u2028c\u0085d"
    count = printer(as_json=True).print([row(1, "task:output", data={"content": text})])
    printed = capsys.readouterr().out

    assert count == 1
    assert len(printed.splitlines()) == 1
    assert json_lines(printed)[0]["message"] == text


def test_people_get_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json each entry is a line for people."""
    count = printer(as_json=False).print([row(n, "task:started") for n in (1, 2)])

    assert count == 2
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["1", "2"]


def test_nothing_is_printed_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """No entry, no line."""
    assert printer(as_json=True).print([]) == 0
    assert capsys.readouterr().out == ""
