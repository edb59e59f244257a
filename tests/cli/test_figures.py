"""Figures as people read them."""

import pytest

from tasktrail.cli.figures import (
    count_text,
    duration_text,
    elapsed_seconds,
    money_text,
    silent_seconds,
)
from tasktrail.model.times import parse_time


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, "-"),
        (-3, "0.0s"),
        (0.44, "0.4s"),
        (12, "12s"),
        (59.6, "1m00s"),
        (185, "3m05s"),
        (7_620, "2h07m"),
        (273_600, "3d04h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float | None, expected: str) -> None:
    """A duration is as short as it can be and still says what one wants to know."""
    assert duration_text(seconds) == expected


def test_unknown_money_is_not_zero() -> None:
    """No cost is a dash, a tiny cost keeps its digits."""
    assert money_text(None) == "-"
    assert money_text(0) == "$0.00"
    assert money_text(3_100) == "$0.0031"
    assert money_text(1_234_567_890) == "$1,234.57"
    assert count_text(None) == "-"
    assert count_text(1_200_000) == "1,200,000"


def test_elapsed_time_runs_until_the_end_or_now() -> None:
    """A finished task took what it took, a running one counts on, an unknown start is unknown."""
    times = {"started_at": "2026-02-14T10:00:00Z", "completed_at": None}
    ten_past = parse_time("2026-02-14T10:00:10Z")

    assert elapsed_seconds(times, now=ten_past) == 10
    assert elapsed_seconds({**times, "completed_at": "2026-02-14T10:01:00Z"}, now=ten_past) == 60
    assert elapsed_seconds(times, now=None) is None
    assert elapsed_seconds({}, now=ten_past) is None


def test_only_a_long_silence_of_an_active_task_is_told() -> None:
    """A task that has ended says nothing any more, and one that spoke just now is at work."""
    task = {"status": "active", "updated_at": "2026-02-14T10:00:00Z"}
    soon, later = parse_time("2026-02-14T10:09:59Z"), parse_time("2026-02-14T12:07:00Z")
    assert soon is not None
    assert later is not None

    assert silent_seconds(task, now=later) == 7_620
    assert silent_seconds(task, now=soon) is None
    assert silent_seconds(task | {"status": "completed"}, now=later) is None
    assert silent_seconds({"status": "active"}, now=later) is None
