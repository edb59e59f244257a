"""Bytes by range: what is asked for, and nothing beside it."""

import asyncio

import pytest

from tasktrail.server.app import build_routes
from tasktrail.server.body import BodyLimits
from tasktrail.server.problems import RangeNotSatisfiable
from tasktrail.server.ranges import PIECE_BYTES, find_span
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend
from tests.support.waiting import wait_until

FILE = "/api/tasks/gh-1/files/08-log.jsonl"


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("", None),
        ("bytes=0-3", (0, 4)),
        ("bytes=4-", (4, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=2-99", (2, 10)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=x-1", None),
    ],
)
def test_one_range_of_bytes_is_understood(header: str, span: tuple[int, int] | None) -> None:
    """Everything else means the whole, as HTTP allows."""
    assert find_span(header, 10) == span


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_behind_the_end_is_told(header: str) -> None:
    """There is nothing to answer."""
    with pytest.raises(RangeNotSatisfiable):
        find_span(header, 10)


def test_a_file_is_sent_whole(client: Client) -> None:
    """Without a range, with its length, and a word that ranges are understood."""
    answer = client.get(FILE)

    assert (answer.status, answer.body) == (200, b"0123456789")
    assert answer.headers["content-length"] == "10"
    assert answer.headers["accept-ranges"] == "bytes"


def test_a_part_of_a_file_is_sent(client: Client, backend: FakeBackend) -> None:
    """206 with the place of the part; the file is let go of."""
    answer = client.get(FILE, Range="bytes=2-5")

    assert (answer.status, answer.body) == (206, b"2345")
    assert answer.headers["content-range"] == "bytes 2-5/10"
    wait_until(lambda: not backend.is_file_open)


def test_a_file_is_let_go_of_when_nobody_waits_for_it_any_more(backend: FakeBackend) -> None:
    """A client that went away before anything was sent leaves no file open."""
    routes = build_routes(backend, BodyLimits(1_000, max_event_bytes=1_000))
    scope = {
        "type": "http",
        "method": "GET",
        "path": FILE,
        "raw_path": FILE.encode(),
        "query_string": b"",
        "headers": [],
    }
    opened: list[bool] = []

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        del message
        opened.append(backend.is_file_open)

    asyncio.run(routes(scope, gone, send))  # type: ignore[arg-type]

    assert opened[:1] == [True]
    assert not backend.is_file_open


def test_a_part_behind_the_end_is_a_problem(client: Client, backend: FakeBackend) -> None:
    """416 says how much there is; the file is let go of."""
    answer = client.get(FILE, Range="bytes=10-")

    assert (answer.status, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == "bytes */10"
    assert not backend.is_file_open


def test_a_body_larger_than_a_piece_is_sent_whole(
    client: Client, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost between the pieces."""
    monkeypatch.setattr(backend, "body", lambda *asked: b"x" * (2 * PIECE_BYTES + asked[1]))
    answer = client.get("/api/tasks/gh-1/logs/7/body")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.body == b"x" * (2 * PIECE_BYTES + 7)
