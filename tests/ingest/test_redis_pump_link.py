"""Answers of Redis are told apart: refusals, absent streams, pairs."""

import pytest

from tasktrail.ingest.redis_pump_link import (
    Command,
    CommandRefused,
    Reply,
    ask,
    named,
    text,
    unrefused,
)


class Echo:
    """A link that answers each command with its first word, or refuses it."""

    def __init__(self, refusal: str | None = None) -> None:
        self._refusal = refusal

    def send(self, *commands: Command) -> list[Reply | CommandRefused]:
        """One reply per command."""
        refused = None if self._refusal is None else CommandRefused(self._refusal)
        return [refused or command[0] for command in commands]

    def close(self) -> None:
        """Nothing to close."""


def test_one_command_has_one_reply() -> None:
    """`ask` gives the reply itself."""
    assert ask(Echo(), "PING") == "PING"


def test_a_refusal_is_raised() -> None:
    """`ask` raises what Redis answered with."""
    with pytest.raises(CommandRefused, match="OOM"):
        ask(Echo("OOM command not allowed"), "XADD")


def test_a_refusal_in_a_row_of_replies_waits_until_it_is_looked_at() -> None:
    """One refused command does not cost the replies to the others."""
    first, second = Echo("ERR no").send(("A",), ("B",))

    with pytest.raises(CommandRefused):
        unrefused(first)
    assert isinstance(second, CommandRefused)


@pytest.mark.parametrize("answer", ["NOGROUP No such key 's'", "no such key", "ERR no such key"])
def test_an_absent_stream_is_recognised(answer: str) -> None:
    """Redis has two ways to say that there is nothing; the library may strip the first word."""
    assert CommandRefused(answer).is_absent
    assert not CommandRefused("WRONGTYPE Operation against a key").is_absent


def test_pairs_become_names() -> None:
    """Answers that alternate names and values are read by name."""
    assert named([b"length", 2, b"last", b"5-0"]) == {"length": 2, "last": b"5-0"}


def test_bytes_that_are_no_text_stay_visible() -> None:
    """A consumer may have any name; a message about it must not fail."""
    assert text(b"worker\xff") == "worker\\xff"
