"""Stories that begin outside, in the order in which real producers tell them."""

from random import Random

from tasktrail.cli.demo_teller import Step, Teller
from tasktrail.cli.demo_texts import EXPORT, LOGIN
from tasktrail.cli.demo_webhooks import (
    chat_task,
    skipped_webhook,
    undelivered_webhook,
    webhook_task,
)

ARRIVAL = ["webhook:received", "webhook:validated", "webhook:payload"]


def types(steps: list[Step]) -> list[object]:
    """The event types of the steps."""
    return [step.event["type"] for step in steps]


def told(seed: int = 1) -> list[Step]:
    """The whole story of a webhook that becomes a task."""
    return list(webhook_task(Teller(Random(seed), speed=1), LOGIN))


def test_a_webhook_arrives_before_there_is_a_task() -> None:
    """The first three events carry no task id at all, and one after the binding neither."""
    steps = told()

    assert types(steps)[:5] == [*ARRIVAL, "response:immediate", "webhook:matched"]
    assert not any("task_id" in str(step.event) for step in (*steps[:3], steps[4]))
    assert len({step.event.get("webhook_event_id") for step in steps[:5]}) == 1


def test_the_task_is_announced_after_the_match() -> None:
    """The gateway says which task it became, then tells the operators."""
    gateway = [s.event["type"] for s in told() if s.producer == "gateway"]

    assert gateway[5:] == ["webhook:task_created", "notification:ops"]


def test_the_engine_is_sometimes_faster_than_the_gateway() -> None:
    """In some flows `task:created` comes before `webhook:task_created`."""
    orders = set()
    for seed in range(20):
        order = types(told(seed))
        orders.add(order.index("task:created") < order.index("webhook:task_created"))

    assert orders == {True, False}


def test_a_skipped_webhook_never_names_a_task() -> None:
    """Nothing follows the skip, and no event of the flow has a task id."""
    steps = list(skipped_webhook(Teller(Random(1), speed=1)))

    assert types(steps) == ["webhook:received", "webhook:validated", "webhook:skipped"]
    assert not any("task_id" in str(step.event) for step in steps)


def test_an_undelivered_webhook_ends_with_the_operators() -> None:
    """A job that could not be queued leaves one notification and no running task."""
    steps = list(undelivered_webhook(Teller(Random(1), speed=1)))

    assert types(steps) == [*ARRIVAL, "notification:ops"]
    assert "task_failed" in str(steps[-1].event)


def test_a_chat_is_created_twice() -> None:
    """Dashboard and engine both say `task:created`; the engine's copy knows less."""
    steps = list(chat_task(Teller(Random(1), speed=1), EXPORT))
    created = [step for step in steps if step.event["type"] == "task:created"]

    assert [step.producer for step in created] == ["dashboard", "engine"]
    assert "conversation_id" in str(created[0].event)
    assert "conversation_id" not in str(created[1].event)
