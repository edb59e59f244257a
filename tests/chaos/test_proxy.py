"""The fragile line: passes everything on, until it is told to lose it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tasktrail.chaos.proxy import Proxy
from tests.support.waiting import PATIENCE_SECONDS, eventually


@contextmanager
def echo_server() -> Iterator[tuple[int, list[bytes]]]:
    """The port of a server that answers what it was sent, and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while blob := connection.recv(1_000):
                    heard.append(blob)
                    connection.sendall(blob)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(PATIENCE_SECONDS)


def connected(proxy: Proxy) -> socket.socket:
    """A client of the proxy."""
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_SECONDS)


def test_everything_passes_both_ways() -> None:
    """A client notices nothing."""
    with echo_server() as (port, _), Proxy(port) as proxy, connected(proxy) as client:
        client.sendall(b"hello")

        assert client.recv(100) == b"hello"


def test_a_cut_breaks_the_connection() -> None:
    """The client reads an end."""
    with echo_server() as (port, _), Proxy(port) as proxy, connected(proxy) as client:
        client.sendall(b"hello")
        client.recv(100)
        proxy.cut()

        assert client.recv(100) == b""


def test_lost_replies_were_still_heard() -> None:
    """The server runs what it was sent; the client gets nothing but an end."""
    with echo_server() as (port, heard), Proxy(port) as proxy, connected(proxy) as client:
        client.sendall(b"first")
        client.recv(100)
        proxy.mute()
        client.sendall(b"second")
        eventually(lambda: heard, [b"first", b"second"])
        proxy.cut()

        assert client.recv(100) == b""
