"""A line between clients and a server that loses what it carries, whenever it is told to.

`cut` breaks every connection at once. With `lose_replies` the server still gets what clients send
and runs it, but nothing comes back: then the connections break. So a client never knows.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Self

READ_BYTES: Final = 1 << 16


class Proxy:
    """Listens on a free port of the loopback address and passes everything on to another one."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self._is_mute = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        _run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Every connection is broken; new ones get their replies."""
        with self._lock:
            ends, self._open = self._open, set()
        self.cuts += 1
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._is_mute = False

    def mute(self) -> None:
        """Requests arrive and replies do not, until every connection is cut."""
        self._is_mute = True

    def lose_replies(self, seconds: float) -> None:
        """For so long requests arrive and replies do not; then every connection is broken."""
        self.mute()
        time.sleep(seconds)
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            _run(partial(self._carry, client, server, is_reply=False))
            _run(partial(self._carry, server, client, is_reply=True))

    def _carry(self, source: socket.socket, target: socket.socket, *, is_reply: bool) -> None:
        """Everything from one end to the other, until either of them is gone."""
        with suppress(OSError):
            while blob := source.recv(READ_BYTES):
                if not (is_reply and self._is_mute):
                    target.sendall(blob)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(source)
        source.close()


def _run(target: Callable[[], None]) -> None:
    threading.Thread(target=target, daemon=True).start()
