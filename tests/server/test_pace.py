"""A follower that names a rate is held to it, everybody else to nothing."""

from typing import Any

import pytest

from tasktrail.errors import InvalidFilter
from tasktrail.server.pace import Pace, parse_rate


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_without_a_rate_there_is_always_room() -> None:
    """Whatever was sent, the next look may bring as much again."""
    pace = Pace(None, Clock())
    pace.spend(1_000_000)

    assert pace.room(500) == 500


def test_a_rate_leaves_room_for_a_second_at_most() -> None:
    """What is not used in a second is over."""
    clock = Clock()
    pace = Pace(100, clock)
    clock.now = 60

    assert pace.room(500) == 100


def test_what_was_sent_comes_back_with_time() -> None:
    """After a tenth of a second a tenth of the rate is there again."""
    clock = Clock()
    pace = Pace(100, clock)
    pace.spend(100)
    spent = pace.room(500)
    clock.now = 0.1

    assert (spent, pace.room(500)) == (0, 10)


def test_a_rate_is_read_from_the_query() -> None:
    """A number, or none at all."""
    assert parse_rate({"max_rate": ["2000"]}) == 2_000
    assert parse_rate({"max_rate": [""]}) is None
    assert parse_rate({}) is None


@pytest.mark.parametrize("text", ["0", "-1", "1e3", "100001", "9" * 40, "٣"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    """The word says which numbers are meant."""
    with pytest.raises(InvalidFilter, match="max_rate: expected 1 to 100000"):
        parse_rate({"max_rate": [text]})


def test_nothing_but_the_key_is_read() -> None:
    """Other keys are left alone."""
    said: dict[str, Any] = {"level": ["loud"]}

    assert parse_rate(said) is None
