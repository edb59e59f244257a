"""Health, readiness, metrics, holds and dead letters."""

import pytest

from tasktrail import __version__
from tasktrail.service.figures import Health, Metrics, Readiness
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend

SEVEN = {
    "queue_depth",
    "queue_lag",
    "events_processed",
    "events_failed",
    "processing_rate",
    "disk_usage",
    "tasks_processed",
}


def test_health_is_200_while_we_record(client: Client) -> None:
    """The answer has the words that monitoring of the first design looks for."""
    answer = client.get("/health")

    assert answer.status == 200
    assert answer.json() == {
        "status": "healthy",
        "service": "task-logger",
        "version": __version__,
        "reasons": [],
        "gaps": 0,
    }


def test_concern_is_still_200(client: Client, backend: FakeBackend) -> None:
    """Degraded means that events are recorded and somebody should look."""
    backend.health_now = Health(can_record=True, reasons=("Redis is away",))
    answer = client.get("/health")

    assert answer.status == 200
    assert (answer.json()["status"], answer.json()["reasons"]) == ("degraded", ["Redis is away"])


def test_health_is_503_when_we_cannot_record(client: Client, backend: FakeBackend) -> None:
    """A broken disk takes the service out of rotation."""
    backend.health_now = Health(can_record=False, reasons=("disk full",))
    answer = client.get("/health")

    assert (answer.status, answer.json()["status"]) == (503, "unhealthy")


@pytest.mark.parametrize(("part", "status"), [("recorder", 200), ("indexer", 503)])
def test_readiness_names_each_part(
    client: Client, backend: FakeBackend, part: str, status: int
) -> None:
    """One missing part is a 503 that says which."""
    parts = {"recorder": True, part: status == 200}
    backend.ready_now = Readiness(parts)
    answer = client.get("/ready")

    assert answer.status == status
    assert answer.json() == {"ready": status == 200, "parts": parts}


def test_metrics_are_prometheus_text(client: Client) -> None:
    """Without a wish the text format is sent, with help and kind of each figure."""
    answer = client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b"# TYPE tasktrail_queue_depth gauge\ntasktrail_queue_depth 2.0\n" in answer.body
    assert b"\ntasktrail_events_recorded_total 7.0\n" in answer.body


def test_metrics_are_json_when_asked(client: Client) -> None:
    """All seven figures are there; one that is not known is null, not zero."""
    answer = client.get("/metrics", Accept="application/json").json()

    assert set(answer) == SEVEN
    assert (answer["queue_depth"], answer["queue_lag"], answer["tasks_processed"]) == (2, 0.5, 1)
    assert answer["events_failed"] is None


def test_metrics_in_trouble_are_503_with_what_is_known(
    client: Client, backend: FakeBackend
) -> None:
    """Trouble is told, and hides nothing that could be asked."""
    backend.metrics_now = Metrics(events_recorded=7, trouble=("checkpoint 0: EIO",))
    answer = client.get("/metrics", Accept="application/json")

    assert answer.status == 503
    assert answer.json()["events_processed"] == 7
    assert answer.json()["error"] == "checkpoint 0: EIO"


def test_holds_are_listed(client: Client) -> None:
    """What waits for its task can be looked at."""
    answer = client.get("/api/holds").json()

    assert answer == {"holds": [{"webhook_event_id": "w-1"}], "total_count": 1}


def test_dead_letters_are_listed_in_pages(client: Client) -> None:
    """What could not be recorded can be looked at, however much it is."""
    answer = client.get("/api/dead?limit=1&offset=1").json()

    assert answer == {"dead_letters": [{"reason": "no id 1"}], "total_count": 3, "alarm": None}


def test_many_dead_letters_in_a_row_are_an_alarm_there_too(
    client: Client, backend: FakeBackend
) -> None:
    """Whoever looks at the letters sees that they are no bad luck."""
    backend.health_now = Health(can_record=True, dead_alarm="101 dead letters in a row")

    assert client.get("/api/dead").json()["alarm"] == "101 dead letters in a row"


def test_a_list_has_no_other_parameters(client: Client) -> None:
    """A filter that is not understood is refused, not ignored."""
    assert client.get("/api/dead?reason=x").status == 400
