"""Frames are those that everybody else makes, and a server without them is given text."""

import asyncio
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from tasktrail.server.frames import EXTENSION, framed, send_messages


class FakeSocket:
    """Keeps what it is given."""

    def __init__(self, *extensions: str) -> None:
        self.scope = {"extensions": dict.fromkeys(extensions)}
        self.texts: list[str] = []
        self.events: list[Any] = []

    async def send_text(self, data: str) -> None:
        """One message."""
        self.texts.append(data)

    async def send(self, message: Any) -> None:  # noqa: ANN401 - ASGI's
        """An event."""
        self.events.append(message)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_message_is_framed_as_the_protocol_says(size: int) -> None:
    """Whatever its length, as the library that all clients of the tests use would."""
    message = b"x" * size

    assert b"".join(framed([message])) == Frame(Opcode.TEXT, message).serialize(mask=False)


def test_a_server_that_takes_bytes_is_given_them() -> None:
    """All messages at once, and those that are bytes as they are."""
    socket, made = FakeSocket(EXTENSION), b'{"a":1}'
    asyncio.run(send_messages(socket, [made, "ü"]))

    assert socket.texts == []
    assert socket.events == [{"type": "websocket.send", EXTENSION: [made, "ü".encode()]}]
    assert socket.events[0][EXTENSION][0] is made


def test_any_other_server_is_given_text() -> None:
    """One after the other."""
    socket = FakeSocket()
    asyncio.run(send_messages(socket, ["ü".encode(), "b"]))

    assert (socket.texts, socket.events) == (["ü", "b"], [])
