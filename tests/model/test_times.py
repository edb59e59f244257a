"""Times are microseconds inside and UTC text outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.model.days import parse_day
from tasktrail.model.times import known_time, parse_time, utc_text


@pytest.mark.parametrize(
    "sent",
    ["2026-02-14T10:00:00Z", "2026-02-14T10:00:00+00:00", "2026-02-14T11:00:00.000000+01:00"],
)
def test_all_spellings_of_the_wire_are_one_time(sent: str) -> None:
    """Whole seconds, microseconds and offsets of real producers are understood."""
    assert utc_text(parse_time(sent) or 0) == "2026-02-14T10:00:00.000000Z"


NO_TIMES = ["", "yesterday", "2026-13-01"]
NO_MOMENTS = ["0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]


@pytest.mark.parametrize("sent", [*NO_TIMES, *NO_MOMENTS])
def test_what_is_no_time_is_none(sent: str) -> None:
    """Nonsense is not the epoch, and nor is what programs write for no time at all."""
    assert parse_time(sent) is None


def test_days_at_the_ends_of_the_calendar_are_none() -> None:
    """There is no day before or after them."""
    assert [parse_day(day) for day in ("0001-01-01", "9999-12-31")] == [None, None]


@given(st.integers(min_value=0, max_value=4_000_000_000_000_000))
def test_text_and_microseconds_are_one(micros: int) -> None:
    """Every microsecond survives the way to text and back."""
    assert parse_time(utc_text(micros)) == micros


def test_an_unknown_time_stays_unknown() -> None:
    """It is never the beginning of the epoch."""
    assert (known_time(0), known_time(None)) == ("1970-01-01T00:00:00.000000Z", None)
