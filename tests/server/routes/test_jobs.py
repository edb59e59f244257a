"""The routes of jobs: `task_id` is a piece of the job's work there."""

from tests.server.conftest import Client
from tests.server.fakes import FakeBackend


def test_a_job_s_entries_are_asked_for_by_piece_of_work(
    client: Client, backend: FakeBackend
) -> None:
    """Filters and page reach the reader as everywhere."""
    answer = client.get("/api/jobs/JB_1/logs?task_id=extract&level=error&limit=2").json()

    assert (answer["job_id"], answer["logs"]) == ("JB_1", [])
    assert (backend.questions[0]["name"], backend.questions[0]["limit"]) == ("extract", 2)
    assert backend.questions[0]["wanted"].level == ("error",)


def test_a_job_that_nobody_knows_has_empty_lists(client: Client) -> None:
    """200, never 404, and never a missing key."""
    assert client.get("/api/jobs/none/stages").json() == {"job_id": "none", "stages": []}
    assert client.get("/api/jobs/none/logs").json()["logs"] == []


def test_a_piece_of_work_is_named_by_the_path(client: Client, backend: FakeBackend) -> None:
    """It may hold a slash."""
    answer = client.get("/api/jobs/JB_1/tasks/a%2Fb/logs").json()

    assert (answer["task_id"], backend.questions[0]["name"]) == ("a/b", "a/b")


def test_two_pieces_of_work_are_refused(client: Client) -> None:
    """One at a time."""
    answer = client.get("/api/jobs/JB_1/logs?task_id=a&task_id=b")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")
