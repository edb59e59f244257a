"""How the demo's events are sent."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
import redis
from msgspec import json

from tasktrail.chaos.processes import free_port
from tasktrail.cli.demo_sender import HttpSender, RedisSender, flat_fields, reachable_redis
from tasktrail.errors import ServerUnreachable

EVENT = {"type": "task:log", "task_id": "t", "attempt": 2, "data": {"message": "ü"}}


class Door(BaseHTTPRequestHandler):
    """A server that takes events and remembers them."""

    protocol_version = "HTTP/1.1"
    answer: ClassVar[int] = 202
    taken: ClassVar[list[tuple[str | None, object]]] = []

    def do_POST(self) -> None:
        """Remember who sent what."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.headers["Authorization"], json.decode(body)))
        self.send_response(self.answer)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door() -> Iterator[str]:
    """The address of a server that takes events."""
    Door.taken.clear()
    Door.answer = 202
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_http_sends_the_event_with_the_key(door: str) -> None:
    """One POST per event, over one connection, with the key where there is one."""
    sender = HttpSender(door, api_key="tt_key")
    sender.send(EVENT)
    sender.send(EVENT)
    sender.close()

    assert Door.taken == [("Bearer tt_key", EVENT)] * 2


def test_a_refusal_is_trouble(door: str) -> None:
    """An event that was not accepted is not taken for sent."""
    Door.answer = 503
    sender = HttpSender(door, api_key=None)
    with pytest.raises(ServerUnreachable, match="expected 202, found 503"):
        sender.send(EVENT)
    sender.close()

    assert Door.taken == [(None, EVENT)]


def test_a_server_that_is_gone_is_trouble() -> None:
    """Nobody listening is said as such."""
    sender = HttpSender(f"http://127.0.0.1:{free_port()}", api_key=None)

    with pytest.raises(ServerUnreachable, match="does not answer"):
        sender.send(EVENT)


def test_an_entry_of_a_stream_is_flat() -> None:
    """Every value is text, `data` a JSON object in it, as real producers send it."""
    flat = flat_fields(EVENT)

    assert flat == {
        "type": "task:log",
        "task_id": "t",
        "attempt": "2",
        "data": '{"message":"ü"}',
    }


@pytest.mark.live
def test_redis_gets_entries_in_a_stream_of_their_own(redis_url: str) -> None:
    """The demo adds to its own stream, and takes it along at the end."""
    sender = reachable_redis(redis_url, print)
    assert isinstance(sender, RedisSender)
    sender.send(EVENT)
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    entries: Any = client.xrange(sender.stream)
    sender.close()

    assert [fields for _, fields in entries] == [flat_fields(EVENT)]
    assert sender.stream != "task_events"
    assert client.keys("*") == []
    client.close()


def test_a_redis_that_is_away_is_said() -> None:
    """Without an answer there is no sender, and a word on what happens instead."""
    said: list[str] = []

    assert reachable_redis(f"redis://127.0.0.1:{free_port()}/0", said.append) is None
    assert said[0].endswith("; sending by HTTP")
