"""The routes of a task's entries: filters reach the reader, entries come whole."""

import msgspec
import pytest

from tests.server.conftest import Client
from tests.server.fakes import FakeBackend


def test_entries_are_listed(client: Client, backend: FakeBackend) -> None:
    """Filters are ANDed, the count is after them."""
    backend.record("gh-1", level="error", message="boom")
    backend.record("gh-1", level="error", message="other")
    backend.record("gh-1", message="boom")
    answer = client.get("/api/tasks/gh-1/logs?level=ERROR&search=BOOM").json()

    assert answer["total_count"] == 1
    assert isinstance(answer["logs"], list)
    assert [entry["seq"] for entry in answer["logs"]] == [1]


def test_the_page_reaches_the_reader(client: Client, backend: FakeBackend) -> None:
    """Limit, offset, order, preview and cursor are the page, the rest is the filter."""
    backend.record("gh-1")
    client.get("/api/tasks/gh-1/logs?after_seq=5&limit=3&offset=2&order=desc&preview=10&cursor=ab")
    wanted, paging = backend.asked[0]

    assert wanted.after_seq == 5
    assert (paging.limit, paging.offset, paging.order) == (3, 2, "desc")
    assert (paging.preview, paging.cursor) == (10, "ab")


def test_a_relative_time_is_understood(client: Client, backend: FakeBackend) -> None:
    """`since=10m` counts from the server's clock."""
    backend.record("gh-1")
    answer = client.get("/api/tasks/gh-1/logs?since=10m")
    wanted, _ = backend.asked[0]

    assert answer.status == 200
    assert wanted.since > 1_700_000_000_000_000


@pytest.mark.parametrize(
    "query", ["level=loud", "after_seq=-1", "after_seq=x", "order=up", "since=soon", "limit=1e3"]
)
def test_a_filter_that_means_nothing_is_refused(
    client: Client, backend: FakeBackend, query: str
) -> None:
    """The problem names the key, what was expected and what was found."""
    backend.record("gh-1")
    answer = client.get(f"/api/tasks/gh-1/logs?{query}")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")
    assert str(answer.json()["detail"]).startswith(query.partition("=")[0])


def test_one_entry_is_sent_whole(client: Client, backend: FakeBackend) -> None:
    """An entry by its seq, however large."""
    backend.record("gh-1", message="x" * 1_000_000)

    assert client.get("/api/tasks/gh-1/logs/1").json()["message"] == "x" * 1_000_000


def test_an_unknown_entry_is_not_found(client: Client, backend: FakeBackend) -> None:
    """A seq that the trail does not have is a 404 of its own."""
    backend.record("gh-1")
    answer = client.get("/api/tasks/gh-1/logs/99")

    assert (answer.status, answer.json()["code"]) == (404, "entry_not_found")


def test_a_seq_is_a_number(client: Client, backend: FakeBackend) -> None:
    """Anything else in its place is a 400."""
    backend.record("gh-1")

    assert client.get("/api/tasks/gh-1/logs/first").status == 400


def test_counts_and_sources_are_answered(client: Client, backend: FakeBackend) -> None:
    """What the filter bar of a page asks for."""
    backend.record("gh-1", source="git")
    backend.record("gh-1", source="llm")

    assert client.get("/api/tasks/gh-1/logs/stats").json()["total"] == 2
    assert msgspec.json.decode(client.get("/api/tasks/gh-1/logs/sources").body) == ["git", "llm"]


def test_seqs_come_packed_with_their_count(client: Client, backend: FakeBackend) -> None:
    """What they are is in the body, how many and where to go on in the headers."""
    answer = client.get("/api/tasks/gh-1/logs/index?level=error&limit=5&after_seq=2")
    names = ("content-type", "x-total-count", "x-head", "x-next-after-seq", "x-partial")

    assert answer.body == b"\x01\x02"
    assert [answer.headers[name] for name in names] == [
        "application/octet-stream",
        "2",
        "9",
        "3",
        "true",
    ]
    assert (backend.questions[0]["limit"], backend.questions[0]["wanted"].after_seq) == (5, 2)


@pytest.mark.parametrize("query", ["limit=0", "limit=2000001", "offset=1", "order=desc", "x=1"])
def test_a_list_of_seqs_has_no_pages(client: Client, query: str) -> None:
    """It goes on behind a seq."""
    answer = client.get(f"/api/tasks/gh-1/logs/index?{query}")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")
