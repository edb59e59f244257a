"""The routes of costs: what is asked wrongly, and what is not there."""

import pytest

from tests.server.conftest import Client
from tests.server.test_ledger_answers import client as client  # noqa: PLC0414 - its service


@pytest.mark.parametrize(
    "query", ["by=colour", "since=soon", "zone=Mars", "colour=red", "by=day&by=task", "parts=x"]
)
def test_a_question_that_means_nothing_is_refused(client: Client, query: str) -> None:
    """A 400 that says what was expected."""
    answer = client.get(f"/api/costs?{query}")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_filter")


def test_costs_are_grouped_as_asked(client: Client) -> None:
    """And bounded by whole days of the zone."""
    answer = client.get("/api/costs?by=worker&since=2026-01-15&until=2026-01-16&zone=UTC").json()

    assert answer["total"]["cost_micro_usd"] == 12_000  # type: ignore[index]
    workers = {row.get("worker_id"): row["cost_micro_usd"] for row in answer["rows"]}  # type: ignore[attr-defined]
    assert workers == {"w-1": 4_500, "w-2": 7_500, None: None}


def test_the_costs_of_an_unknown_task_are_not_found(client: Client) -> None:
    """With the code that every unknown task has."""
    answer = client.get("/api/tasks/nobody/costs")

    assert (answer.status, answer.json()["code"]) == (404, "task_not_found")
