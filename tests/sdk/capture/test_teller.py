"""The teller turns what is read into events, and never fails the command."""

import json
from collections.abc import Sequence

from tasktrail.sdk.capture.backlog import Backlog, Chunk
from tasktrail.sdk.capture.events import LineEvents
from tasktrail.sdk.capture.teller import STDERR, STDOUT, Interpreter, Teller
from tasktrail.sdk.trouble import Trouble


class Sent:
    """Notes what is handed over; may fail."""

    def __init__(self, *, fails: int = 0) -> None:
        self.events: list[bytes] = []
        self.calls = 0
        self._fails = fails

    def __call__(self, events: Sequence[bytes]) -> None:
        """Note them."""
        self.calls += 1
        if self.calls <= self._fails:
            raise RuntimeError("store is broken")
        self.events += events

    def messages(self) -> list[str]:
        """What was said."""
        return [json.loads(event)["data"]["message"] for event in self.events]


class Shouting:
    """Understands lines that begin with an exclamation mark."""

    is_at_work = True

    def take(self, line: bytes, at: int) -> list[bytes] | None:
        """An event, or nothing for a line of only that mark."""
        if line == b"!":
            return []
        said = {"data": {"message": line[1:].decode().upper(), "at": at}}
        return [json.dumps(said).encode()] if line.startswith(b"!") else None


def told(
    *chunks: tuple[str, bytes],
    sent: Sent | None = None,
    interpreter: Interpreter | None = None,
) -> tuple[Sent, Teller, Trouble]:
    """What became of these chunks."""
    backlog, trouble, sent = Backlog(), Trouble(lambda _text: None), sent or Sent()
    events = {source: LineEvents("gh-1", labels={}) for source in (STDOUT, STDERR)}
    teller = Teller(backlog, events, sent, trouble=trouble, interpreter=interpreter)
    teller.begin()
    for at, (source, block) in enumerate(chunks):
        backlog.put(Chunk(source, block, at))
    teller.end()
    return sent, teller, trouble


def test_both_streams_are_told_line_by_line() -> None:
    """Each with a memory of its own for lines that are not complete."""
    sent, _, _ = told((STDOUT, b"one\nt"), (STDERR, b"bad"), (STDOUT, b"wo\n"), (STDERR, b"!\n"))

    assert sent.messages() == ["one", "two", "bad!"]


def test_what_is_left_at_the_end_is_told() -> None:
    """A last line without an end, on either stream."""
    sent, _, _ = told((STDOUT, b"one"), (STDERR, b"two"))

    assert sorted(sent.messages()) == ["one", "two"]


def test_many_lines_go_in_few_calls() -> None:
    """So that a command that talks much is told at the speed of memory."""
    sent, _, _ = told((STDOUT, b"y\n" * 100_000))

    assert len(sent.events) == 100_000
    assert sent.calls == 4


def test_a_stream_that_is_understood_becomes_what_it_means() -> None:
    """Only stdout, and only the lines that are understood; each with its time."""
    sent, _, _ = told((STDOUT, b"!hi\n!\nplain\n"), (STDERR, b"!x\n"), interpreter=Shouting())

    assert sent.messages() == ["HI", "plain", "!x"]
    assert json.loads(sent.events[0])["data"]["at"] == 0


def test_the_last_words_are_known() -> None:
    """The last line of a stream that says anything, however long."""
    _, teller, _ = told((STDERR, b"first\nlast: caf\xe9 \n\n"), (STDOUT, b"x" * 10_000))

    assert teller.last_words(STDERR) == "last: caf\ufffd"
    assert len(teller.last_words(STDOUT)) == 2_000
    assert told()[1].last_words(STDERR) == ""


def test_a_broken_store_is_counted_and_survived() -> None:
    """What comes later is told."""
    sent, _, trouble = told((STDOUT, b"one\n"), (STDOUT, b"two\n"), sent=Sent(fails=1))

    assert sent.messages() == ["two"]
    assert trouble.lost == 1
