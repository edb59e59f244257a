"""Messages to a WebSocket, as the bytes that they are: made once, sent to many, never copied.

A server that knows the extension takes messages that are UTF-8 already and puts only their heads
before them; any other is given text, which it encodes and copies for each client.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, Protocol

EXTENSION: Final = "tasktrail.utf8"  # what the server says, and the key of what it is given
TEXT_FRAME: Final = 0x81  # a whole message of text
LENGTHS: Final = ((126, 0, b""), (1 << 16, 2, b"\x7e"), (1 << 64, 8, b"\x7f"))


class Socket(Protocol):
    """What is asked of a WebSocket here."""

    scope: Any

    @property
    def send(self) -> Callable[[Any], Awaitable[None]]:
        """What takes an event for the server."""

    async def send_text(self, data: str) -> None:
        """One message."""


async def send_messages(socket: Socket, messages: Sequence[str | bytes]) -> None:
    """The messages are with the server, which may make us wait until the client reads."""
    if EXTENSION in socket.scope.get("extensions", ()):
        whole = [one.encode() if isinstance(one, str) else one for one in messages]
        await socket.send({"type": "websocket.send", EXTENSION: whole})
        return
    for one in messages:
        await socket.send_text(one if isinstance(one, str) else one.decode())


def framed(messages: Sequence[bytes]) -> Iterator[bytes]:
    """The messages as a server sends them: the head of a frame, and the message itself."""
    for one in messages:
        yield head_of(len(one))
        yield one


def head_of(size: int) -> bytes:
    """What stands before a message of so many bytes, which is one frame and not masked."""
    for below, width, mark in LENGTHS:
        if size < below:
            length = size.to_bytes(width, "big") if width else bytes([size])
            return bytes([TEXT_FRAME]) + mark + length
    raise OverflowError(size)
