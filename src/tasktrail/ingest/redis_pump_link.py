"""What a pump needs of a connection to Redis, and the words for what can go wrong with it.

A link sends each command exactly once. It never sends again by itself: a read that was sent twice
after a lost reply would leave the first entries pending and hand out later ones before them.
"""

from collections.abc import Sequence
from typing import Any, Protocol

Reply = Any  # what Redis answered: bytes, int, None, or a list of replies
Command = Sequence[str | bytes | int]


class LinkLost(Exception):
    """There is no connection, or it broke: whether the last command was run is not known."""


class CommandRefused(Exception):
    """Redis answered a command with an error."""

    @property
    def word(self) -> str:
        """The first word of the answer, by which errors are told apart."""
        return str(self).partition(" ")[0]

    @property
    def is_absent(self) -> bool:
        """Whether Redis said that the stream or its group does not exist."""
        return self.word == "NOGROUP" or "no such key" in str(self)


class Link(Protocol):
    """One connection to Redis."""

    def send(self, *commands: Command) -> list[Reply | CommandRefused]:
        """The replies in the order of the commands, errors in their place; raises LinkLost."""

    def close(self) -> None:
        """The connection is closed."""


def ask(link: Link, *command: str | bytes | int) -> Reply:
    """The reply to one command; raises CommandRefused or LinkLost."""
    return unrefused(link.send(command)[0])


def unrefused(reply: Reply | CommandRefused) -> Reply:
    """The reply, unless it is a refusal: that is raised."""
    if isinstance(reply, CommandRefused):
        raise reply
    return reply


def named(reply: Sequence[Reply]) -> dict[str, Reply]:
    """The values of an answer that alternates names and values."""
    return {reply[i].decode(): reply[i + 1] for i in range(0, len(reply), 2)}


def text(reply: bytes) -> str:
    """The reply as text; bytes that are none stay visible."""
    return reply.decode("utf-8", "backslashreplace")
