"""A TCP proxy that cuts the line: before a request arrives, or before its reply is back."""

import socket
import threading
from collections.abc import Callable
from typing import Self

READ_BYTES = 1 << 16
ANSWER_SECONDS = 10  # a machine under load needs a while to answer


class _Line:
    """One connection of a client, and ours to the server for it."""

    def __init__(self, client: socket.socket, port: int) -> None:
        self.client = client
        self.server = socket.create_connection(("127.0.0.1", port))
        self.answered = threading.Event()

    def close(self) -> None:
        """Both sides are closed, whoever waits on them wakes."""
        for one in (self.client, self.server):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class CuttingProxy:
    """Stands before one port and cuts once, at the request that holds the word it was told."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.cuts = 0  # how often the line was cut
        self._word: bytes | None = None
        self._is_request_lost = False
        self._threads: list[threading.Thread] = []
        self._lines: list[_Line] = []

    def cut_reply_to(self, word: bytes) -> None:
        """The next request that holds the word reaches the server; its reply reaches nobody."""
        self._is_request_lost = False
        self._word = word

    def cut_before(self, word: bytes) -> None:
        """The next request that holds the word never reaches the server."""
        self._is_request_lost = True
        self._word = word

    def cut_all(self) -> None:
        """Every line is cut at once, as when a cable is pulled."""
        for line in list(self._lines):
            line.close()

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for line in self._lines:
            line.close()
        for thread in self._threads:
            thread.join(timeout=ANSWER_SECONDS)
        self._listener.close()
        for line in self._lines:
            line.client.close()
            line.server.close()

    def _run(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                line = _Line(client, self._target)
            except OSError:
                return
            self._lines.append(line)
            self._run(self._requests, line)
            self._run(self._replies, line)

    def _requests(self, line: _Line) -> None:
        try:
            while request := line.client.recv(READ_BYTES):
                if self._word is not None and self._word in request:
                    self._word = None
                    self._cut(line, request)
                    return
                line.server.sendall(request)
        except OSError:
            return

    def _cut(self, line: _Line, request: bytes) -> None:
        line.client.shutdown(socket.SHUT_RDWR)
        self.cuts += 1
        if not self._is_request_lost:
            line.answered.clear()
            line.server.sendall(request)
            line.answered.wait(ANSWER_SECONDS)  # once it answers, it has run the request
        line.close()

    def _replies(self, line: _Line) -> None:
        while True:
            try:
                reply = line.server.recv(READ_BYTES)
                line.answered.set()
                if not reply:
                    return
                line.client.sendall(reply)
            except OSError:
                return
