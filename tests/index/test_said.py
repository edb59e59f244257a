"""Functions for SQL: what an entry says, and days as the user counts them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tasktrail.index.said import local_date, said_by
from tests.support.make_trails import Trails
from tests.support.money import told


def test_an_entry_says_its_message_and_details(tmp_path: Path) -> None:
    """From its place in the trail; what is not there is NULL."""
    with Trails(tmp_path) as trails:
        trails.record(told("coordinator:event", task_id="t", message="hello", details={"a": 1}))
        length = trails.layout.channel(
            next(iter(trails.record(trails.log("x", task_id="t")))), "events"
        )
        size = length.stat().st_size - 1
        say = said_by(trails.layout)

        assert say("tasks", "t", 0, size, "message") == "hello"
        assert say("tasks", "t", 0, size, "details") == '{"a":1}'
        assert say("tasks", "t", 0, size, "colour") is None
        assert say("tasks", "t", 3, 9, "message") is None
        assert say("tasks", "nobody", 0, 9, "message") is None


def test_now_and_moments_are_days_here() -> None:
    """As this machine's clock shows them."""
    now = datetime.now(UTC)

    assert local_date("now") in {
        moment.astimezone().strftime("%Y-%m-%d") for moment in (now, now + timedelta(minutes=1))
    }
    moment = "2026-01-15T12:00:00.000000Z"
    assert local_date(moment) == datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d")


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-01-15", "2026-01-15"),
        ("2026-01-15T23:59:59", "2026-01-15"),
        ("soon", None),
        (None, None),
    ],
)
def test_a_day_alone_is_that_day(said: object, day: str | None) -> None:
    """What is no time is NULL, as in SQLite."""
    assert local_date(said) == day
