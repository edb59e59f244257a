"""The words of the demo's producers."""

from datetime import UTC, datetime
from random import Random

from tasktrail.cli.demo_teller import Meter, Step, Teller, stamped

NOW = datetime(2026, 2, 14, 10, 0, 0, 120_000, tzinfo=UTC)


def teller(speed: float = 1.0) -> Teller:
    """A teller that always tells the same."""
    return Teller(Random(1), speed=speed)


def test_each_producer_writes_its_fields_in_its_own_order() -> None:
    """Engine, gateway, dashboard and knowledge server are told apart by their fields' order."""
    told = teller()
    steps = (
        told.engine(0, "t", "task:started"),
        told.gateway(0, "w", "webhook:received"),
        told.dashboard(0, "t", "task:created"),
        told.knowledge(0, "t", "knowledge:query"),
    )

    assert [list(stamped(step, NOW)) for step in steps] == [
        ["type", "timestamp", "task_id", "data"],
        ["type", "webhook_event_id", "timestamp", "data"],
        ["type", "timestamp", "data", "task_id"],
        ["type", "task_id", "timestamp", "data"],
    ]


def test_the_engine_s_times_have_whole_seconds() -> None:
    """The engine says seconds with Z, everybody else microseconds with an offset."""
    told = teller()

    assert stamped(told.engine(0, "t", "x"), NOW)["timestamp"] == "2026-02-14T10:00:00Z"
    gateway = stamped(told.gateway(0, "w", "x"), NOW)
    assert gateway["timestamp"] == "2026-02-14T10:00:00.120000+00:00"


def test_a_gateway_never_names_the_task_at_the_top() -> None:
    """The task's id is inside `data`, as the real gateway has it."""
    step = teller().gateway(0, "w", "response:immediate", task_id="t")

    assert "task_id" not in step.event
    assert step.event["data"] == {"task_id": "t"}


def test_fields_of_a_job_stay_at_the_top() -> None:
    """Labels that have no fixed place follow the known ones."""
    step = Step(0, "sdk", {"type": "task:log", "task_id": "t", "level": "info", "data": {}})

    assert list(stamped(step, NOW)) == ["type", "task_id", "timestamp", "level", "data"]


def test_waits_shrink_with_speed_and_add_up() -> None:
    """What a story has taken is the sum of its waits."""
    told = teller(speed=4)
    waits = [told.wait(1, 2) for _ in range(10)]

    assert all(0.25 <= wait <= 0.5 for wait in waits)
    assert told.elapsed == sum(waits)


def test_a_meter_s_total_is_the_sum_of_its_calls() -> None:
    """What a task reports in the end is what its calls used."""
    meter = Meter(Random(1))
    calls = [meter.call(2.0) for _ in range(5)]

    assert meter.cost_usd == sum(float(str(call["cost_usd"])) for call in calls)
    assert meter.output_tokens == sum(int(str(call["output_tokens"])) for call in calls)
    assert all(1_400 <= int(str(call["duration_ms"])) <= 1_900 for call in calls)
    assert len({call["call_id"] for call in calls}) == 5
