"""A bar is told at its beginning, now and then, and at its end; the same figure only once."""

from tasktrail.sdk.integrations.progress_pace import ProgressPace
from tests.support.outboxes import Told


def test_a_quick_bar_is_told_twice(told: Told) -> None:
    """Its first step and its last, whatever lies between."""
    with told.task():
        pace = ProgressPace(source="bar")
    for n in range(1, 1_000):
        pace.tell("reading", n, 1_000, is_last=False)
    pace.tell("reading", 1_000, 1_000, is_last=True)
    pace.tell("reading", 1_000, 1_000, is_last=True)

    told_of = [one["data"] for one in told.events if one["type"] == "task:progress"]
    assert [one["percent"] for one in told_of] == [0.1, 100.0]
    assert told_of[1]["metadata"] == {"done": 1_000, "total": 1_000}


def test_a_bar_without_an_end_has_no_percentage(told: Told) -> None:
    """Unknown is not zero; without a task there is nobody to tell."""
    ProgressPace(told.task(), source="bar").tell("x", 3, None, is_last=True)
    ProgressPace(source="bar").tell("x", 3, None, is_last=True)

    (event,) = told.events
    assert "percent" not in event["data"]
    assert event["data"]["metadata"] == {"done": 3, "total": None}
