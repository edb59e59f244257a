"""An HTTP server of one test: it notes every request and answers as it was told."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self

import msgspec


class Request(NamedTuple):
    """What a client asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def events(self) -> list[dict[str, object]]:
        """The events in a body of JSON lines."""
        return [msgspec.json.decode(line) for line in self.body.splitlines()]


class Reply(NamedTuple):
    """What the server answers."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}


ACCEPTED = Reply(202, b'{"accepted":1,"rejected":[]}')


class ScriptedServer:
    """Answers with the scripted replies first, then always with `default`; a context manager."""

    def __init__(self, *script: Reply, default: Reply = ACCEPTED, port: int = 0) -> None:
        self.requests: list[Request] = []
        self._script = list(script)
        self._default = default
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def events(self) -> list[dict[str, object]]:
        """Every event of every request that was answered with success."""
        return [event for request in self.requests for event in request.events()]

    def _next(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            return self._script.pop(0) if self._script else self._default

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._next

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                reply = answer(Request(self.command, self.path, dict(self.headers), body))
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = _reply  # noqa: N815 - the names that the library calls

            def log_message(self, *_: object) -> None:
                """Nothing is said."""

        return Handler
