"""The way out: data on stdout, talk on stderr.

A reader that closes the pipe (`| head`) ends a command quietly; text written here can do nothing to
a terminal unless its writer meant it to.
"""

import codecs
import contextlib
import select
import sys
from typing import Final, TextIO

from tasktrail.cli.terminal import Terminal, plainly, safe_line
from tasktrail.model.codec import json_line

BEYOND_ASCII: Final = 0x80
PLAINLY: Final = "tasktrail.plainly"
codecs.register_error(PLAINLY, plainly)


class OutputClosed(Exception):
    """Nobody reads our output any more."""


class Output:
    """Where a command writes."""

    def __init__(self, data: TextIO, talk: TextIO, terminal: Terminal) -> None:
        self.terminal = terminal
        self._data = data
        self._talk = talk
        for stream in (data, talk):
            _never_fail_at_a_character(stream)

    def write(self, text: str) -> None:
        """Text on stdout, as it is."""
        try:
            self._data.write(text)
        except BrokenPipeError as error:
            raise OutputClosed from error

    def write_line(self, text: str) -> None:
        """One line on stdout, of which nothing can act on a terminal."""
        self.write(f"{safe_line(text)}\n")

    def write_json(self, value: object) -> None:
        """One line of JSON on stdout, in ASCII where the stream cannot say everything."""
        line = json_line(value)
        self.write(f"{line if self.terminal.has_unicode else in_ascii(line)}\n")

    def flush(self) -> None:
        """What was written can be read now."""
        try:
            self._data.flush()
        except BrokenPipeError as error:
            raise OutputClosed from error

    def check_reader(self) -> None:
        """Raises OutputClosed when nobody can read stdout any more, though nothing is written."""
        with contextlib.suppress(OSError, ValueError):  # no pipe, no descriptor: nothing to see
            watched = select.poll()
            watched.register(self._data.fileno(), select.POLLERR)
            if any(events & select.POLLERR for _, events in watched.poll(0)):
                raise OutputClosed

    def say(self, text: str) -> None:
        """One line on stderr; where nobody reads it, nothing."""
        with contextlib.suppress(OSError, ValueError):
            self._talk.write(f"{safe_line(text)}\n")
            self._talk.flush()


def _never_fail_at_a_character(stream: TextIO) -> None:
    """A stream that cannot say a character says a plain one, or spells it out."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors=PLAINLY)


def in_ascii(line: str) -> str:
    """The same JSON in ASCII: whatever else stands in its strings is escaped as JSON does."""
    if line.isascii():
        return line
    units = memoryview(line.encode("utf-16", "surrogatepass")[2:]).cast("H")  # behind the mark
    return "".join(chr(unit) if unit < BEYOND_ASCII else f"\\u{unit:04x}" for unit in units)


def fail(message: str, *, code: int, prefix: str = "tasktrail: ") -> int:
    """The code, after the message was said on stderr."""
    text = safe_line(" ".join(message.split("\n"))) if prefix else message
    with contextlib.suppress(OSError, ValueError):
        print(f"{prefix}{text}", file=sys.stderr)  # noqa: T201 - the one place where a failure is said
    return code
