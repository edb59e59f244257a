"""The way out: data on stdout, talk on stderr."""

import io

import pytest

from tasktrail.cli.output import Output, OutputClosed, fail
from tests.cli.screens import PIPE, Screen


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
    Output(stream, io.StringIO(), PIPE).write("Grüße\n")
    stream.flush()

    assert blob.getvalue() == b"Gr\\xfc\\xdfe\n"


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
