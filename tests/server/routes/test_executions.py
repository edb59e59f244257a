"""The routes of executions."""

import pytest

from tests.server.conftest import Client
from tests.server.fakes import FakeBackend


def test_executions_are_listed(client: Client, backend: FakeBackend) -> None:
    """By job and status, page by page; `active` is `running` here."""
    answer = client.get("/api/executions?job_id=JB_1&status=active,failed&limit=5&offset=2").json()

    assert answer == {"executions": [], "count": 0, "total": 0, "has_more": False}
    assert backend.questions == [
        {"job_id": "JB_1", "status": ("running", "failed"), "limit": 5, "offset": 2}
    ]


@pytest.mark.parametrize("query", ["level=error", "job_id=a&job_id=b", "limit=0", "cursor=x"])
def test_what_a_list_of_executions_cannot_be_asked(client: Client, query: str) -> None:
    """Unknown keys and two jobs are refused."""
    assert client.get(f"/api/executions?{query}").status == 400


def test_an_execution_is_shown(client: Client) -> None:
    """By its id."""
    assert client.get("/api/executions/PX_1").json()["id"] == "PX_1"


def test_an_unknown_execution_is_not_found(client: Client) -> None:
    """Itself and its entries."""
    answers = [client.get(f"/api/executions/PX_9{rest}") for rest in ("", "/logs")]

    assert [one.status for one in answers] == [404, 404]
    assert {one.json()["code"] for one in answers} == {"execution_not_found"}


def test_its_entries_are_filtered(client: Client, backend: FakeBackend) -> None:
    """As everywhere."""
    client.get("/api/executions/PX_1/logs?level=error&order=desc")

    assert backend.questions[0]["wanted"].level == ("error",)
    assert backend.questions[0]["order"] == "desc"
