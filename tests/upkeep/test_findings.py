"""What the doctor finds."""

import pytest

from tasktrail.upkeep.findings import AREAS, Finding, Severity, is_trouble


@pytest.mark.parametrize(
    ("severity", "acts"), [("error", True), ("warning", True), ("note", False)]
)
def test_a_note_alone_is_no_reason_to_act(severity: Severity, acts: bool) -> None:  # noqa: FBT001
    """It is shown, and does not make the command fail."""
    finding = Finding(area=AREAS[0], severity=severity, code="c", message="m", advice="a")

    assert is_trouble(finding) is acts
