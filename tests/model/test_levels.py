"""Levels are read in any case and compared by rank."""

import pytest

from tasktrail.model.levels import at_least, level_said, parse_level


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


@pytest.mark.parametrize(
    ("said", "level"),
    [
        *((50, "critical"), (45, "error"), (30, "warning"), (20, "info"), (0, "debug")),
        *(("WARN", "warning"), ("nope", None), (True, None), (None, None)),
    ],
)
def test_a_number_means_the_level_that_it_reaches(said: object, level: str | None) -> None:
    """As `logging` counts them; a name means what it means everywhere."""
    assert level_said(said) == level
