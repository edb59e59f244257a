"""The route of a search: a question in, lines out."""

import msgspec
import pytest

from tests.server.conftest import Client
from tests.server.fake_questions import FakeProgress, FakeStep
from tests.server.fakes import FakeBackend, row


def test_a_search_is_answered_in_lines(client: Client, backend: FakeBackend) -> None:
    """NDJSON: a start, hits, an end; who asked is told by nobody else."""
    backend.steps = [FakeStep([row("gh-1", 1)], FakeProgress(1, 1, "complete"))]
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
    "query", ["seconds=0", "seconds=61", "limit=0", "level=loud", "cursor=ab", "order=desc", "x=1"]
)
def test_a_search_that_means_nothing_is_refused(
    client: Client, backend: FakeBackend, query: str
) -> None:
    """Before anything is looked for."""
    answer = client.get(f"/api/search?{query}")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")
    assert backend.questions == []
