"""A fake backend behind a real server, and a client that says exactly what a test wants to say."""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.server.fakes import FakeBackend, serving, settings_of

Body = bytes | Iterator[bytes] | None


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: HTTPMessage
    body: bytes

    def json(self) -> dict[str, object]:
        """The body as a JSON object."""
        return msgspec.json.decode(self.body, type=dict[str, object])


class Client:
    """Plain HTTP to one server, one connection per request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = urlsplit(url).netloc

    def get(self, path: str, **headers: str) -> Answer:
        """The answer to a GET; underscores in header names are dashes."""
        return self.send("GET", path, None, **headers)

    def post(self, body: bytes, path: str = "/api/events", **headers: str) -> Answer:
        """The answer to a POST."""
        return self.send("POST", path, body, **headers)

    def send(self, method: str, path: str, body: Body = None, **headers: str) -> Answer:
        """The answer to a request."""
        connection = HTTPConnection(self.host, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeBackend, str]]:
    """One server for all tests that need no settings of their own: starting one takes a while."""
    backend = FakeBackend()
    with serving(backend, settings_of(tmp_path_factory.mktemp("server"))) as url:
        yield backend, url


@pytest.fixture
def backend(running: tuple[FakeBackend, str]) -> FakeBackend:
    """The empty backend behind the server."""
    running[0].reset()
    return running[0]


@pytest.fixture
def client(running: tuple[FakeBackend, str], backend: FakeBackend) -> Client:
    """A client of the server in front of the backend."""
    assert backend is running[0]
    return Client(running[1])
