"""Times of other programs."""

from datetime import datetime

from tasktrail.formats.foreign_times import from_epoch, from_local


def test_seconds_and_milliseconds_since_the_epoch_are_told_apart() -> None:
    """By their size: no run was recorded in the year 5138."""
    assert from_epoch(1_755_100_406) == "2025-08-13T15:53:26.000000Z"
    assert from_epoch(1_755_100_406_500) == "2025-08-13T15:53:26.500000Z"


def test_what_is_no_number_is_no_time() -> None:
    """Nor is one that no calendar holds."""
    assert [from_epoch(one) for one in (None, "1", True, 1e300)] == [None] * 4


def test_a_time_without_a_zone_is_this_machines() -> None:
    """One with a zone stays as it was written, and so does what is no time."""
    found = from_local("2026-01-02T03:04:05")

    assert found is not None
    assert datetime.fromisoformat(found) == datetime(2026, 1, 2, 3, 4, 5).astimezone()
    assert from_local("2026-01-02T03:04:05Z") == "2026-01-02T03:04:05Z"
    assert (from_local("soon"), from_local(5), from_local("")) == ("soon", None, None)
