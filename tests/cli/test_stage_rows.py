"""A stage as a row, the same wherever it is shown."""

from typing import Any

from tasktrail.cli.stage_rows import is_retried, stage_row
from tests.cli.screens import PIPE


def stage(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any value of a stage
    """A stage as the reader answers it."""
    return {
        "stage": "plan",
        "attempt": 1,
        "status": "completed",
        "started_at": "2026-02-14T10:00:00.000000Z",
        "completed_at": "2026-02-14T10:00:12.000000Z",
        "duration_seconds": 12.0,
        "error": None,
        "entries": 1_200,
        "warnings": 1,
        "errors": 0,
        "depth": 0,
        **changes,
    }


def texts(**changes: Any) -> list[str]:  # noqa: ANN401 - any value of a stage
    """The row's cells as text."""
    row = stage_row(stage(**changes), PIPE, now=1_771_063_205_000_000, several=True)
    return [cell if isinstance(cell, str) else cell.text for cell in row]


def test_a_stage_says_how_it_went() -> None:
    """Status, name, time, entries, trouble, attempt."""
    assert texts() == ["✓ completed", "plan", "12s", "1,200", "1", "0", "attempt 1"]


def test_a_stage_that_runs_is_as_long_as_it_runs() -> None:
    """Until now, where somebody knows the time."""
    running = {"status": "active", "completed_at": None, "duration_seconds": None}

    assert texts(**running)[2] == "5.0s"


def test_a_stage_that_was_only_named_has_no_status() -> None:
    """Nobody said that it began, so nobody says that it runs."""
    named = texts(status=None, started_at=None, completed_at=None, duration_seconds=None)

    assert (named[0].strip(), named[2]) == ("seen", "-")


def test_a_stage_within_another_is_indented() -> None:
    """As deep as it is."""
    assert texts(depth=2)[1] == "    plan"


def test_an_error_is_what_matters_most() -> None:
    """It stands where else the attempt does."""
    assert texts(error="2 red")[-1] == "2 red"


def test_a_task_with_two_attempts_was_retried() -> None:
    """One attempt, or none that anybody named, is not."""
    assert is_retried([stage(), stage(attempt=2)])
    assert not is_retried([stage(), stage(attempt=None)])
