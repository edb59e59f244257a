"""The way out: data on stdout, talk on stderr."""

import io
import json
from pathlib import Path

import pytest

from tasktrail.cli.output import Output, OutputClosed, fail
from tests.cli.commands import tasktrail
from tests.cli.screens import PIPE, Screen
from tests.cli.services import accept, log_event


def test_data_and_talk_go_different_ways() -> None:
    """What a program reads never has a word in it that is meant for people."""
    screen = Screen()
    screen.output.write_json({"a": "x\u2028y"})
    screen.output.say("done\x1b[2J")

    assert screen.written == '{"a":"x\\u2028y"}\n'
    assert screen.said == "done\\x1b[2J\n"


class ClosedPipe(io.StringIO):
    """A pipe whose reader is gone."""

    def write(self, text: str) -> int:
        """Nobody reads it."""
        raise BrokenPipeError(text)

    def flush(self) -> None:
        """Nobody reads it."""
        raise BrokenPipeError


def test_a_closed_pipe_is_told_by_name() -> None:
    """Who writes to a reader that is gone learns that the output is closed."""
    output = Output(ClosedPipe(), io.StringIO(), PIPE)
    with pytest.raises(OutputClosed):
        output.write("x")

    with pytest.raises(OutputClosed):
        output.flush()


def test_a_stream_that_lacks_a_character_spells_it_out() -> None:
    """An ASCII terminal gets every entry, with what it cannot show spelled out."""
    blob = io.BytesIO()
    stream = io.TextIOWrapper(blob, encoding="ascii")
    Output(stream, io.StringIO(), PIPE).write("Grüße 😀\n")
    stream.flush()

    assert blob.getvalue() == b"Gr\\xfc\\xdfe \\U0001f600\n"


def test_marks_of_print_have_plain_ones(tmp_path: Path) -> None:
    """In a locale without them `…` is three dots, on stderr as well."""
    accept(tmp_path, [log_event("it goes on … and on")])
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = tasktrail("search", "goes", "--data", tmp_path, environ=ascii_only)

    assert "it goes on ... and on" in done.stdout
    assert done.stderr.startswith("1 of 1 hits - searched")


def test_json_is_json_on_every_stream() -> None:
    """What a stream cannot say is escaped as JSON does it, so that programs read the same."""
    said = {"a": "é … 😀"}
    narrow = Screen(PIPE._replace(has_unicode=False))
    narrow.output.write_json(said)

    assert narrow.written == '{"a":"\\u00e9 \\u2026 \\ud83d\\ude00"}\n'
    assert json.loads(narrow.written) == said


def test_nobody_listening_to_talk_is_no_trouble() -> None:
    """A closed stderr stops no command."""
    talk = io.StringIO()
    output = Output(io.StringIO(), talk, PIPE)
    talk.close()
    output.say("hello")

    assert talk.closed


def test_a_failure_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """However many lines an error has, its report is one, on stderr."""
    code = fail("expected one,\nfound \x1b[2J", code=3)
    captured = capsys.readouterr()

    assert code == 3
    assert captured.err == "tasktrail: expected one, found \\x1b[2J\n"
    assert captured.out == ""
