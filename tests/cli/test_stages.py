"""A task's stages as they went."""

from tasktrail.cli.stages import StageSpan, fold_stages
from tests.cli.rows import row


def test_a_stage_lasts_from_its_start_to_its_end() -> None:
    """Start and end of the same stage are one span, others may lie between."""
    spans = fold_stages(
        [
            row(1, "stage:started", stage="plan"),
            row(2, "stage:started", stage="edit"),
            row(3, "stage:completed", stage="plan"),
            row(4, "stage:failed", stage="edit", data={"error": "no"}),
        ]
    )

    assert [(one.stage, one.status, one.error) for one in spans] == [
        ("plan", "completed", None),
        ("edit", "failed", "no"),
    ]
    assert spans[0].started_at == "2025-11-22T01:46:41.000000Z"
    assert spans[0].completed_at == "2025-11-22T01:46:43.000000Z"


def test_a_stage_tried_again_is_there_again() -> None:
    """Two attempts give two spans of the same name."""
    spans = fold_stages(
        [
            row(1, "stage:started", stage="test", attempt=1),
            row(2, "stage:failed", stage="test", attempt=1),
            row(3, "stage:started", stage="test", attempt=2),
        ]
    )

    assert [(one.attempt, one.status, one.error) for one in spans] == [
        (1, "failed", None),
        (2, "active", None),
    ]


def test_an_end_without_a_start_is_shown() -> None:
    """A stage nobody began has an end and no start, instead of being left out."""
    spans = fold_stages([row(1, "stage:completed", stage="plan")])

    assert spans == [
        StageSpan("plan", status="completed", completed_at="2025-11-22T01:46:41.000000Z")
    ]


def test_an_end_belongs_to_its_own_attempt() -> None:
    """A late end of the first attempt does not end the stage of the second."""
    spans = fold_stages(
        [
            row(1, "stage:started", stage="test", attempt=1),
            row(2, "stage:started", stage="test", attempt=2),
            row(3, "stage:completed", stage="test", attempt=1),
        ]
    )

    assert [(one.attempt, one.status) for one in spans] == [(1, "completed"), (2, "active")]


def test_a_second_end_does_not_overwrite_the_first() -> None:
    """A stage that was said to fail after its end is shown with both."""
    spans = fold_stages(
        [
            row(1, "stage:started", stage="test"),
            row(2, "stage:completed", stage="test"),
            row(3, "stage:failed", stage="test"),
        ]
    )

    assert [one.status for one in spans] == ["completed", "failed"]
