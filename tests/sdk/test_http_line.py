"""One connection to a server: asked again where that is safe, given up where it is not."""

import socket

import pytest

from tasktrail.chaos.processes import free_port
from tasktrail.errors import InvalidSetting, ServerTimeout, ServerUnreachable
from tasktrail.sdk.http_line import HttpLine, Refused
from tests.support.scripted_server import Reply, ScriptedServer


def test_an_answer_has_status_and_body() -> None:
    """Whatever the status, it is an answer; the key is shown with every request."""
    with ScriptedServer(Reply(503, b"busy", {"Retry-After": "7"})) as server:
        line = HttpLine(server.url, api_key="k")
        answer = line.ask("POST", "/x?y=1", body=b"hi", content_type="text/plain")
        line.close()

    assert answer == (503, "7", b"busy")
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/x?y=1", b"hi")
    assert request.headers["Authorization"] == "Bearer k"
    assert request.headers["Content-Type"] == "text/plain"


def test_a_path_in_the_address_is_kept() -> None:
    """A server behind a proxy may live below a path."""
    with ScriptedServer() as server:
        line = HttpLine(f"{server.url}/trail/", api_key=None)
        line.ask("GET", "/health")
        line.close()

    assert server.requests[0].path == "/trail/health"
    assert "Authorization" not in server.requests[0].headers


def test_a_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    """A restarted server is not an error."""
    with ScriptedServer() as server:
        line = HttpLine(server.url, api_key=None)
        line.ask("GET", "/one")
        port = server.port
    line._connection.sock.close()  # noqa: SLF001 - what the system does to it in the end
    with ScriptedServer(port=port) as again:
        answer = line.ask("GET", "/two")
        line.close()

    assert answer.status == 202
    assert [request.path for request in again.requests] == ["/two"]


def test_no_server_is_said() -> None:
    """The address that does not answer is named."""
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(ServerUnreachable, match=url):
        HttpLine(url, api_key=None).ask("GET", "/")


def test_a_server_that_is_slow_is_not_away() -> None:
    """It took the connection and the question: what is wrong is the time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        line = HttpLine(url, api_key=None, seconds=0.05)

        with pytest.raises(ServerTimeout, match=r"within 0\.05 s"):
            line.ask("GET", "/")
        with pytest.raises(ServerTimeout):
            list(line.lines("GET", "/"))


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://h:port", "localhost:80", ""])
def test_an_address_that_is_none_is_named(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidSetting, match="http://HOST:PORT"):
        HttpLine(url, api_key=None)


def test_a_long_answer_comes_line_by_line() -> None:
    """And the connection is closed when it is over."""
    with ScriptedServer(Reply(200, b"one\ntwo\n")) as server:
        lines = list(HttpLine(server.url, api_key="k").lines("GET", "/api/search"))

    assert lines == [b"one\n", b"two\n"]
    assert server.requests[0].headers["Authorization"] == "Bearer k"


def test_a_long_answer_that_is_refused_is_told_whole() -> None:
    """With its status, and what the server said."""
    with ScriptedServer(Reply(400, b"why")) as server, pytest.raises(Refused) as refused:
        list(HttpLine(server.url, api_key=None).lines("GET", "/"))

    assert (refused.value.answer.status, refused.value.answer.body) == (400, b"why")


def test_a_long_answer_of_nobody_is_unreachable() -> None:
    """As a short one is."""
    with pytest.raises(ServerUnreachable):
        list(HttpLine(f"http://127.0.0.1:{free_port()}", api_key=None).lines("GET", "/"))
