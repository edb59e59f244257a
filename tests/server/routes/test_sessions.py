"""The routes of sessions, workers and events of coordinators."""

import pytest

from tests.server.conftest import Client
from tests.server.test_ledger_answers import client as client  # noqa: PLC0414 - its service


@pytest.mark.parametrize("path", ["/api/sessions/nobody", "/api/workers/nobody"])
def test_what_is_unknown_is_not_found(client: Client, path: str) -> None:
    """Only jobs and executions have empty lists instead."""
    assert client.get(path).status == 404


@pytest.mark.parametrize(
    "path", ["/api/sessions?limit=0", "/api/workers?status=tired", "/api/events?severity=loud"]
)
def test_a_question_that_means_nothing_is_refused(client: Client, path: str) -> None:
    """A 400 that says what was expected."""
    answer = client.get(path)

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")


def test_events_are_posted_and_asked_for_at_one_address(client: Client) -> None:
    """POST takes events of any kind, GET answers those of coordinators."""
    events = client.get("/api/events?context_id=gh-450").json()

    assert [one["event_type"] for one in events["events"]] == ["decision"]  # type: ignore[attr-defined]
