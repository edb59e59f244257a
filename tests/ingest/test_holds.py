"""Webhook events wait for their task, durably, and come in order."""

from pathlib import Path

import pytest

from tasktrail.ingest.holds import DAY, HOLD_DAYS
from tasktrail.model.ids import partition_of
from tasktrail.store.dead_letters import iter_dead
from tasktrail.store.hold_journal import iter_holds
from tests.support.workshop import Workshop

FLOW = ("webhook:received", "webhook:validated", "webhook:payload")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty root with one partition."""
    return Workshop(tmp_path)


def accept_flow(workshop: Workshop, webhook_id: str = "w-1") -> None:
    """The beginning of a webhook's flow: nobody knows its task."""
    for event_type in FLOW:
        workshop.accept(event_type, None, webhook_event_id=webhook_id)


def types(workshop: Workshop, task_id: str = "gh-1") -> list[str]:
    """The event types of a trail, by seq."""
    return [line["event"]["event_type"] for line in workshop.lines(task_id)]


def test_a_flow_is_recorded_before_the_event_that_binds_it(workshop: Workshop) -> None:
    """Held events first, in their order, then the binding one, then what follows at once."""
    accept_flow(workshop)
    workshop.accept("response:immediate", None, webhook_event_id="w-1", data={"task_id": "gh-1"})
    workshop.accept("webhook:matched", None, webhook_event_id="w-1")
    workshop.record()

    assert types(workshop) == [*FLOW, "response:immediate", "webhook:matched"]
    assert list(iter_holds(workshop.layout)) == []


def test_a_flow_may_be_bound_in_the_middle_of_a_task(workshop: Workshop) -> None:
    """The engine may be faster than the gateway; nothing is lost or moved."""
    accept_flow(workshop)
    workshop.accept("task:created")
    workshop.accept("webhook:task_created", webhook_event_id="w-1")
    workshop.accept("task:output")
    workshop.record()

    assert types(workshop) == ["task:created", *FLOW, "webhook:task_created", "task:output"]
    places = [line["pos"] for line in workshop.lines()]
    assert places == sorted(places)


def test_holds_and_bindings_survive_a_restart(workshop: Workshop) -> None:
    """Each event is recorded by another process; the flow is whole all the same."""
    accept_flow(workshop)
    workshop.record()
    workshop.accept("notification:ops", webhook_event_id="w-1")
    workshop.record()
    workshop.accept("webhook:matched", None, webhook_event_id="w-1")
    workshop.record()

    assert types(workshop) == [*FLOW, "notification:ops", "webhook:matched"]


def test_the_times_of_acceptance_are_kept(workshop: Workshop) -> None:
    """A released event was accepted when it came, not when its task was known."""
    accept_flow(workshop)
    workshop.now += 60_000_000
    workshop.accept("notification:ops", webhook_event_id="w-1")
    workshop.record()

    times = [line["recorded_at"] for line in workshop.lines()]
    assert times == sorted(times)
    assert times[0] < times[-1]


def test_an_unbound_flow_is_listed_with_its_events(workshop: Workshop) -> None:
    """What leads to no task is readable, not gone."""
    accept_flow(workshop)
    workshop.record()

    (flow,) = iter_holds(workshop.layout)
    assert (flow.webhook_event_id, flow.state) == ("w-1", "held")
    assert flow.event_types() == list(FLOW)


def test_a_skipped_flow_is_closed(workshop: Workshop) -> None:
    """The gateway said that no task will follow."""
    accept_flow(workshop)
    workshop.accept("webhook:skipped", None, webhook_event_id="w-1", data={"reason": "own"})
    workshop.record()

    (flow,) = iter_holds(workshop.layout)
    assert (flow.state, len(flow.events)) == ("skipped", 4)


def test_an_old_flow_expires_by_the_time_of_acceptance(workshop: Workshop) -> None:
    """A much younger event lets it go; it stays readable and is no dead letter."""
    accept_flow(workshop)
    workshop.now += HOLD_DAYS * DAY
    workshop.accept("webhook:received", None, webhook_event_id="w-2")
    workshop.record()

    assert [flow.state for flow in iter_holds(workshop.layout)] == ["expired", "held"]
    assert list(iter_dead(workshop.layout)) == []


def test_a_resent_held_event_is_held_once(workshop: Workshop) -> None:
    """The identity counts in the hold as in the trail."""
    for _ in range(2):
        workshop.accept("webhook:received", None, webhook_event_id="w-1", event_id="e-1")
    workshop.accept("notification:ops", webhook_event_id="w-1")
    workshop.record()

    assert types(workshop) == ["webhook:received", "notification:ops"]


def test_a_flow_reaches_a_task_of_another_partition(tmp_path: Path) -> None:
    """The holder hands it over in order, with identities, to the task's own partition."""
    workshop = Workshop(tmp_path, partitions=4)
    task_id = next(f"gh-{n}" for n in range(99) if partition_of(f"gh-{n}", 4) != _home("w-1"))
    accept_flow(workshop)
    workshop.accept("notification:ops", task_id, webhook_event_id="w-1", event_id="e-1")
    workshop.accept("webhook:matched", None, webhook_event_id="w-1")
    workshop.record()

    lines = workshop.lines(task_id)
    assert types(workshop, task_id) == [*FLOW, "notification:ops", "webhook:matched"]
    assert lines[3]["id"] == "e-1"
    assert lines[0]["id"].startswith(f"spool:{_home('w-1')}:")


def _home(webhook_id: str) -> int:
    return partition_of(webhook_id, 4)


def test_a_hand_over_that_is_repeated_is_recorded_once(tmp_path: Path) -> None:
    """The holder died between the hand-over and its checkpoint: the flow is handed over again."""
    workshop = Workshop(tmp_path, partitions=4)
    task_id = next(f"gh-{n}" for n in range(99) if partition_of(f"gh-{n}", 4) != _home("w-1"))
    accept_flow(workshop)
    workshop.accept("notification:ops", task_id, webhook_event_id="w-1")
    checkpoint = workshop.layout.checkpoint(_home("w-1"))
    workshop.record()
    checkpoint.unlink()
    workshop.record()

    assert types(workshop, task_id) == [*FLOW, "notification:ops"]


def test_the_journal_does_not_keep_what_its_trails_have(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bound flows leave the journal, whatever never bound stays, and bindings are remembered."""
    monkeypatch.setattr("tasktrail.ingest.holds.COMPACT_BYTES", 0)
    for number in range(5):
        accept_flow(workshop, f"w-{number}")
        if number != 3:
            workshop.accept("notification:ops", webhook_event_id=f"w-{number}")
    workshop.record()
    workshop.accept("webhook:matched", None, webhook_event_id="w-1")
    workshop.record()

    journal = workshop.layout.holds(0).read_text()
    assert journal.count('"kind":"hold"') == len(FLOW)
    assert [flow.webhook_event_id for flow in iter_holds(workshop.layout)] == ["w-3"]
    assert types(workshop)[-1] == "webhook:matched"
