"""Levels are read in any case and compared by rank."""

import pytest

from tasktrail.model.levels import at_least, parse_level


@pytest.mark.parametrize(
    ("sent", "level"),
    [
        ("WARN", "warning"),
        ("Warning", "warning"),
        ("fatal", "critical"),
        (" info ", "info"),
        ("verbose", None),
        (None, None),
    ],
)
def test_levels_are_read_in_any_case(sent: str | None, level: str | None) -> None:
    """Both spellings of a level mean the same; an unknown word means none."""
    assert parse_level(sent) == level


def test_a_minimum_level_means_it_and_all_above() -> None:
    """Levels are ordered by rank, not by name."""
    assert at_least("warning") == ("warning", "error", "critical")
