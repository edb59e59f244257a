"""What OpenAPI shows of money and workers is what a real service sends."""

from collections.abc import Iterator

import msgspec
import pytest

from tasktrail.server import ledger_answers as shapes
from tests.server.conftest import Client
from tests.server.test_answers import keys_of
from tests.support.money import call, coordinated
from tests.support.running_service import start_service
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a real service that has a coordinator's session."""
    root = tmp_path_factory.mktemp("ledger") / "root"
    with start_service(root) as service:
        events = [*coordinated(), call("gh-450", model="nobody-knows")]
        service.record(b"\n".join(events))
        yield Client(service.url)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/costs", shapes.Costs),
        ("/api/costs?by=model&since=2026-01-01&zone=UTC", shapes.Costs),
        ("/api/costs?by=task", shapes.Costs),
        ("/api/costs?by=day", shapes.Costs),
        ("/api/costs?by=day&parts=4", shapes.Costs),
        ("/api/budgets", shapes.BudgetList),
        ("/api/tasks/gh-450/costs", shapes.CostExplanation),
        ("/api/sessions", shapes.SessionPage),
        ("/api/sessions/s-1", shapes.SessionAnswer),
        ("/api/sessions/s-1/logs?limit=2", shapes.SessionLogPage),
        ("/api/workers?status=failed", shapes.WorkerPage),
        ("/api/workers/w-1", shapes.WorkerAnswer),
        ("/api/events?type=decision", shapes.EventPage),
    ],
)
def test_what_is_sent_has_the_shape(client: Client, path: str, kind: type) -> None:
    """Every key that is sent is documented, every documented key is sent."""
    answer = client.get(path)
    shown: object = msgspec.json.decode(answer.body, type=kind)
    again = msgspec.json.decode(msgspec.json.encode(shown))

    assert answer.status == 200
    assert keys_of(msgspec.json.decode(answer.body)) <= keys_of(again)


def test_what_was_just_sent_is_counted(client: Client) -> None:
    """A call that is sent is found in the cost of its task."""
    client.post(call("now", call_id="just-now"))

    wait_until(lambda: client.get("/api/tasks/now").status == 200)
    task = client.get("/api/tasks/now").json()
    assert (task["cost_micro_usd"], task["calls"]) == (4_500, 1)
