"""The route of a search: a question in, lines out."""

import msgspec
import pytest

from tests.server.conftest import Client
from tests.server.fake_questions import FakeStep, progress
from tests.server.fakes import FakeBackend, row


def test_a_search_is_answered_in_lines(client: Client, backend: FakeBackend) -> None:
    """NDJSON: a start, hits, an end; who asked is told by nobody else."""
    backend.steps = [FakeStep([row("gh-1", 1)], progress(1, 1, "complete"))]
    answer = client.get("/api/search?search=patch&level=error&limit=3&seconds=5")
    kinds = [msgspec.json.decode(line)["type"] for line in answer.body.splitlines()]

    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert kinds == ["start", "hit", "end"]
    assert (backend.questions[0]["limit"], backend.questions[0]["seconds"]) == (3, 5)
    assert backend.questions[0]["wanted"].level == ("error",)


def test_the_search_has_stopped_when_it_is_answered(client: Client, backend: FakeBackend) -> None:
    """Whatever looks for it is told."""
    client.get("/api/search")

    assert backend.stop is not None
    assert backend.stop.is_set()


@pytest.mark.parametrize(
    "query",
    ["seconds=0", "seconds=61", "limit=0", "level=loud", "cursor=ab", "order=desc", "x=1", "by=x"],
)
def test_a_search_that_means_nothing_is_refused(
    client: Client, backend: FakeBackend, query: str
) -> None:
    """Before anything is looked for."""
    answer = client.get(f"/api/search?{query}")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")
    assert backend.questions == []


def test_tasks_are_asked_for_by_a_word(client: Client, backend: FakeBackend) -> None:
    """Each comes as a line of its own, its newest hit as short as asked."""
    latest = row("gh-1", 7, message="long enough")
    task: dict[str, object] = {"task_id": "gh-1", "session_id": None, "hits": 3, "latest": latest}
    backend.steps = [FakeStep([], progress(1, 3, "complete"), [task])]
    answer = client.get("/api/search?by=task&preview=4")
    _, line, _ = (msgspec.json.decode(one) for one in answer.body.splitlines())

    assert backend.questions[0]["by_task"]
    assert (line["type"], line["task_id"], line["hits"]) == ("task", "gh-1", 3)
    assert (line["latest"]["message"], line["latest"]["size"]) == ("long", 11)
