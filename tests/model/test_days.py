"""Days as a user counts them."""

from datetime import date

import pytest

from tasktrail.errors import InvalidFilter
from tasktrail.model.days import day_after, day_of, day_start, parse_day, parse_zone, zone_name
from tasktrail.model.times import parse_time

HOUR = 3_600 * 1_000_000


def at(text: str) -> int:
    """The time in microseconds."""
    found = parse_time(text)
    assert found is not None
    return found


def test_a_moment_is_another_day_elsewhere() -> None:
    """Half past four in the morning UTC is the evening before in Chicago."""
    moment = at("2026-01-15T04:30:00Z")

    assert day_of(moment, parse_zone("UTC")) == date(2026, 1, 15)
    assert day_of(moment, parse_zone("America/Chicago")) == date(2026, 1, 14)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-10-25", 25), ("2026-03-29", 23), ("2026-05-01", 24)]
)
def test_a_day_is_as_long_as_its_zone_says(day: str, hours: int) -> None:
    """Clocks that are moved make days of 23 and 25 hours."""
    zone, first = parse_zone("Europe/Berlin"), parse_day(day)
    assert first is not None

    assert day_start(day_after(first), zone) - day_start(first, zone) == hours * HOUR


def test_this_machines_days_begin_at_its_midnight() -> None:
    """Without a zone, the moment of midnight is the same day, and the one before is not."""
    start = day_start(date(2026, 1, 15), None)

    assert day_of(start, None) == date(2026, 1, 15)
    assert day_of(start - 1, None) == date(2026, 1, 14)


def test_a_zone_that_is_none_is_refused() -> None:
    """With what was expected; no name means this machine's zone."""
    with pytest.raises(InvalidFilter, match="Europe/Berlin"):
        parse_zone("Mars/Olympus")

    assert parse_zone(None) is None


def test_a_zone_says_its_name() -> None:
    """The IANA name where there is one, else what this machine calls it."""
    assert zone_name(parse_zone("Asia/Tokyo"), 0) == "Asia/Tokyo"
    assert zone_name(None, 0)


@pytest.mark.parametrize("text", ["today", "2026-13-01", "2026-01-15T00:00:00Z", ""])
def test_only_a_day_is_a_day(text: str) -> None:
    """Times and words are for others to read."""
    assert parse_day(text) is None
