"""Connections with the deadlines and bounds that uvicorn itself does not set.

A client that never finishes its headers, sends endless ones, goes on sending after it was answered,
or follows and never reads, is cut off; it cannot hold a connection that others need.
"""

import asyncio
import socket
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from tasktrail.server.frames import EXTENSION, framed

MAX_CONNECTIONS: Final = 1_000  # followers included; file descriptors are for trails first
MAX_HEADER_BYTES: Final = 16 * 1024
HEADER_SECONDS: Final = 10.0
MAX_DISCARDED_BYTES: Final = 512 * 1024 * 1024  # read and dropped after the answer, so it arrives
SEND_BUFFER_BYTES: Final = 256 * 1024  # of a follower, in the system; it takes twice as much
TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
)


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's connection, with a deadline and a size for headers."""

    header_seconds = HEADER_SECONDS

    _deadline: asyncio.TimerHandle | None = None
    _is_in_headers = True
    _is_refused = False
    _header_bytes = 0
    _discarded_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One more client, unless there are too many."""
        super().connection_made(transport)  # type: ignore[arg-type]
        if len(self.connections) > MAX_CONNECTIONS:
            self.transport.close()
        else:
            self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """More bytes; while they are headers they count against time and size."""
        if self._is_in_headers:
            self._header_bytes += len(data)
            self._start_deadline()
        super().data_received(data)
        if self._is_in_headers and self._header_bytes > MAX_HEADER_BYTES:
            self._refuse_headers()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_headers = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The headers are there."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        self._is_in_headers = False
        self._header_bytes = 0
        self._stop_deadline()
        if size > MAX_HEADER_BYTES:
            self._refuse_headers()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """More of the body, perhaps after it was answered."""
        if self._is_refused:
            return
        if self.cycle.response_complete:
            self._discarded_bytes += len(body)
            if self._discarded_bytes > MAX_DISCARDED_BYTES:
                self.transport.close()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; the next one begins with headers."""
        self._is_in_headers = True
        if not self._is_refused:
            super().on_message_complete()

    def _refuse_headers(self) -> None:
        self._is_refused = True
        if not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def _start_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_seconds, self.transport.close)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class BoundedSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which a client that reads nothing cannot keep open for ever.

    It takes messages that are bytes already (see `frames`), and holds little of what is not read:
    the rest stays a place in a trail.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One more client; the system keeps no megabytes for one that does not read."""
        super().connection_made(transport)
        pipe = transport.get_extra_info("socket")
        if pipe is not None:
            pipe.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    async def run_asgi(self) -> None:
        """The application, which is told what we take."""
        if not self.conn.extensions:  # one would change the bytes
            self.scope["extensions"][EXTENSION] = {}
        await super().run_asgi()

    async def send(self, message: Any) -> None:  # noqa: ANN401 - ASGI's
        """One event of the application."""
        whole = message.get(EXTENSION)
        if whole is None:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.writelines(list(framed(whole)))

    def keepalive_timeout(self) -> None:
        """No answer to a ping: the connection is gone now, whatever still waits to be read."""
        super().keepalive_timeout()
        self.transport.abort()
