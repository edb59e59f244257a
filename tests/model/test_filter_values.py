"""Single values of a filter: read, or refused by name."""

import pytest

from tasktrail.errors import InvalidFilter
from tasktrail.model.filter_values import (
    ago_in,
    read_channel,
    read_level,
    read_moment,
    read_seq,
    read_status,
)

NOW = 1_771_063_200_000_000  # 2026-02-14T10:00:00Z


def test_values_are_read() -> None:
    """Each in the forms that people write."""
    assert read_level("Warn") == "warning"
    assert read_channel("log") == "log"
    assert read_status("running") == "active"
    assert read_seq("7") == 7
    assert read_moment("-1m", "since", NOW) == read_moment("1m", "since", NOW) == NOW - 60_000_000


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_level, "loud"),
        (read_channel, "tv"),
        (read_status, "asleep"),
        (read_seq, "9" * 5_000),
        (read_seq, "-1"),
    ],
)
def test_anything_else_is_refused(read: object, text: str) -> None:
    """The error says what was expected and found."""
    with pytest.raises(InvalidFilter, match="expected"):
        read(text)  # type: ignore[operator]


def test_a_time_relative_to_now_is_known_as_such() -> None:
    """As said, without its sign; any other time is not."""
    assert (ago_in("-10m"), ago_in("24h"), ago_in("2026-02-14")) == ("10m", "24h", None)
