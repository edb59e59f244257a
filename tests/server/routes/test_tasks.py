"""The task routes: ids of any shape reach the reader whole, unknown ids are a 404."""

from urllib.parse import quote

import pytest

from tasktrail.errors import StorageFailed
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend


def test_tasks_are_listed(client: Client, backend: FakeBackend) -> None:
    """The reader's answer is sent as it is."""
    backend.record("gh-1")

    assert client.get("/api/tasks").json() == {
        "tasks": [{"task_id": "gh-1", "entries": 1}],
        "total_count": 1,
        "next_cursor": None,
    }


def test_filters_and_page_reach_the_reader(client: Client, backend: FakeBackend) -> None:
    """A key said twice has two values, `running` means active, a page is no filter."""
    client.get("/api/tasks?status=failed&status=running&source=github&search=a%20b&limit=7")
    wanted, paging = backend.asked[0]

    assert wanted.status == ("failed", "active")
    assert (wanted.source, wanted.search) == (("github",), "a b")
    assert (paging.limit, paging.cursor) == (7, None)


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "limit=x", "status=odd", "colour=1"])
def test_a_filter_that_means_nothing_is_refused(client: Client, query: str) -> None:
    """What cannot be understood is a 400, never an answer to another question."""
    answer = client.get(f"/api/tasks?{query}")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")


def test_too_many_parameters_are_refused(client: Client) -> None:
    """A query string of a thousand fields is not taken apart."""
    answer = client.get("/api/tasks?" + "&".join(["status=failed"] * 1000))

    assert answer.status == 400


@pytest.mark.parametrize(
    "task_id",
    [
        "gh-1",
        "a/b",
        "../../etc/passwd",
        "/",
        "a b",
        "100%",
        "%2F",
        "ünïcode ☃",
        "a?b#c",
        ".",
        "..",
        "logs",
        "stats",
        'quote"\\',
        "line\nend",
        "~0123456789abcdef0123456789abcdef",
        "x" * 2000,
    ],
)
def test_an_id_of_any_shape_works(client: Client, backend: FakeBackend, task_id: str) -> None:
    """Percent-encoded, every id names its task in every route, whatever it holds."""
    backend.record(task_id)
    segment = quote(task_id, safe="")
    answers = [
        client.get(f"/api/tasks/{segment}"),
        client.get(f"/api/tasks/{segment}/logs"),
        client.get(f"/tasks/{segment}/logs"),
    ]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [answer.json()["task_id"] for answer in answers] == [task_id] * 3


@pytest.mark.parametrize(
    "path",
    [
        "/api/tasks/none",
        "/api/tasks/none/logs",
        "/api/tasks/none/logs/stats",
        "/api/tasks/none/logs/sources",
        "/api/tasks/none/logs/1",
        "/tasks/none/logs",
    ],
)
def test_an_unknown_task_is_not_found(client: Client, path: str) -> None:
    """Every route says so in the words that clients of the first design know."""
    answer = client.get(path)

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "Task not found"
    assert answer.json()["code"] == "task_not_found"


def test_sections_are_sent_as_stored(client: Client, backend: FakeBackend) -> None:
    """The object of a task's files has its keys and its id."""
    backend.record("gh-1")

    assert set(client.get("/tasks/gh-1/logs").json()) == {"task_id", "log"}


def test_a_disk_that_cannot_be_read_is_told(client: Client, backend: FakeBackend) -> None:
    """Reading trouble is a 503 with its reason, not an empty answer."""
    backend.trouble = StorageFailed("trail gh-1: EIO")
    answer = client.get("/api/tasks/gh-1")

    assert (answer.status, answer.json()["code"]) == (503, "storage_failed")


def test_a_timeline_is_asked_for_with_how_much_is_read(
    client: Client, backend: FakeBackend
) -> None:
    """The most unless said."""
    for query in ("", "?limit=4000"):
        client.get(f"/api/tasks/gh-1/timeline{query}")

    assert backend.questions == [{"limit": 50_000}, {"limit": 4_000}]


@pytest.mark.parametrize("query", ["limit=0", "limit=50001", "limit=x", "level=error"])
def test_a_timeline_of_nonsense_is_refused(client: Client, query: str) -> None:
    """It has one parameter."""
    answer = client.get(f"/api/tasks/gh-1/timeline?{query}")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")
