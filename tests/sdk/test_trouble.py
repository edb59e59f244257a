"""Trouble with logging is counted always and told once."""

import io
import sys
from pathlib import Path

import pytest

from tasktrail.sdk.trouble import Trouble, say_on_stderr


def test_losses_are_counted_and_told_once() -> None:
    """The first loss is told with its reason, further ones only counted."""
    told: list[str] = []
    trouble = Trouble(told.append)
    trouble.lose(2, "disk full")
    trouble.lose(3, "disk full")

    assert trouble.lost == 5
    assert len(told) == 1
    assert "disk full" in told[0]


def test_refusals_are_another_kind() -> None:
    """What a server refuses is not lost: it is counted and told on its own."""
    told: list[str] = []
    trouble = Trouble(told.append)
    trouble.lose(1, "a")
    trouble.refuse(1, "b", kept_in=Path("dead-letters.jsonl"))

    assert (trouble.lost, trouble.refused, len(told)) == (1, 1, 2)
    assert told[1] == "the server refused events: b; they are kept in dead-letters.jsonl"


def test_trouble_that_passed_is_told_again() -> None:
    """A server that goes away twice is told twice."""
    told: list[str] = []
    trouble = Trouble(told.append)
    trouble.tell("away", "first")
    trouble.tell("away", "still")
    trouble.is_over("away")
    trouble.tell("away", "second")

    assert told == ["first", "second"]


def test_a_closed_stderr_harms_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A daemon without stderr can still log, and its stdout gets nothing of it."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    say_on_stderr("nobody hears")
    monkeypatch.setattr(sys, "stderr", None)
    say_on_stderr("nobody hears")

    assert capsys.readouterr() == ("", "")


def test_a_word_on_stderr_says_who_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    """The job's own output stays untouched."""
    say_on_stderr("events wait")

    assert capsys.readouterr() == ("", "tasktrail: events wait\n")
