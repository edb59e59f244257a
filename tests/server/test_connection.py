"""Connections have deadlines and sizes: who wastes them is cut off, nobody else notices."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tasktrail.server import connection, serve
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend, serving, settings_of
from tests.support.waiting import PATIENCE_SECONDS

REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"


@contextmanager
def connected(client: Client) -> Iterator[socket.socket]:
    """A bare connection to the server."""
    host, _, port = client.host.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as one:
        yield one


def everything(one: socket.socket) -> bytes:
    """What the server says until it closes."""
    found = b""
    try:
        while piece := one.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize("start", [b"", b"GET /hea", REQUEST, REQUEST + b"X-A: " + b"a" * 100])
def test_unfinished_headers_are_cut_off(
    client: Client, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    """A client that opens a connection and says nothing whole does not keep it."""
    monkeypatch.setattr(connection.BoundedConnection, "header_seconds", 0.2)
    with connected(client) as one:
        one.sendall(start)

        assert everything(one) == b""


def test_a_second_request_has_the_same_deadline(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Being answered once does not buy the right to stall."""
    monkeypatch.setattr(connection.BoundedConnection, "header_seconds", 0.3)
    with connected(client) as one:
        one.sendall(REQUEST + b"\r\n" + b"GET /health HT")
        said = everything(one)

    assert said.startswith(b"HTTP/1.1 200")
    assert said.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("is_whole", [True, False])
def test_endless_headers_are_refused(client: Client, *, is_whole: bool) -> None:
    """More than 16 KiB of headers are a 431, whether they end or not."""
    end = b"\r\n\r\n" if is_whole else b""
    with connected(client) as one:
        one.sendall(REQUEST + b"X-Long: " + b"a" * 17_000 + end)
        said = everything(one)

    assert said.startswith(b"HTTP/1.1 431 ")


def test_many_headers_count_together(client: Client, backend: FakeBackend) -> None:
    """Also many short ones, on a request with a body."""
    many = b"".join(b"X-%d: %b\r\n" % (number, b"a" * 100) for number in range(200))
    with connected(client) as one:
        one.sendall(b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n")
        one.sendall(many + b"\r\n[]")
        said = everything(one)

    assert said.startswith(b"HTTP/1.1 431 ")
    assert backend.accepted == []


def test_usual_headers_pass(client: Client) -> None:
    """A long but honest header is no attack."""
    assert client.get("/health", Cookie="a" * 8_000).status == 200


def test_what_is_no_http_is_refused(client: Client) -> None:
    """Garbage gets a 400 and the connection ends."""
    with connected(client) as one:
        one.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")

        assert everything(one).startswith(b"HTTP/1.1 400 ")


def test_stalled_clients_keep_nobody_waiting(client: Client) -> None:
    """Fifty half requests leave the server answering others."""
    with connected(client) as first:
        stalled = [socket.create_connection(first.getpeername()) for _ in range(50)]
        for one in stalled:
            one.sendall(
                b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n["
            )
        answer = client.get("/health")
        for one in stalled:
            one.close()

    assert answer.status == 200


def test_too_many_connections_are_not_served(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the bound a connection is closed at once; below it all is well again."""
    monkeypatch.setattr(connection, "MAX_CONNECTIONS", 0)
    said = b""
    with connected(client) as one, suppress(OSError):
        one.sendall(REQUEST + b"\r\n")
        said += everything(one)
    monkeypatch.undo()

    assert said == b""
    assert client.get("/health").status == 200


def test_a_body_that_goes_on_after_its_answer_is_cut_off(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused request may send its rest, so that it reads the answer; not for ever."""
    monkeypatch.setattr(connection, "MAX_DISCARDED_BYTES", 100_000)
    head = b"POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = 0
    with connected(client) as one:
        one.sendall(head)
        try:
            while sent < 100_000_000:
                one.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                sent += 0x10000
        except OSError:
            pass

    assert sent < 50_000_000


def test_a_follower_that_never_reads_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever answers no ping is gone at once; what it did not read is not waited for."""
    gone, lost = threading.Event(), connection.BoundedSocket.connection_lost

    def noted(self: connection.BoundedSocket, error: Exception | None) -> None:
        lost(self, error)
        gone.set()

    monkeypatch.setattr(serve, "PING_SECONDS", 0.2)
    monkeypatch.setattr(connection.BoundedSocket, "connection_lost", noted)
    backend = FakeBackend()
    for _ in range(400):
        backend.record("gh-1", notify=False, message="x" * 50_000)
    with serving(backend, settings_of(tmp_path)) as url, connected(Client(url)) as one:
        one.sendall(
            b"GET /ws/logs/gh-1?after_seq=0 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        is_gone = gone.wait(PATIENCE_SECONDS)
        said = everything(one)

    assert is_gone
    assert b"101 Switching" in said
    assert len(said) < 20_000_000
    assert b"keepalive ping timeout" not in said
