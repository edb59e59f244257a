"""What the doctor finds."""

import pytest

from tasktrail.upkeep.findings import AREAS, Finding, Severity, is_trouble, sound_areas


@pytest.mark.parametrize(
    ("severity", "acts"), [("error", True), ("warning", True), ("note", False)]
)
def test_a_note_alone_is_no_reason_to_act(severity: Severity, acts: bool) -> None:  # noqa: FBT001
    """It is shown, and does not make the command fail."""
    finding = Finding(area=AREAS[0], severity=severity, code="c", message="m", advice="a")

    assert is_trouble(finding) is acts


def test_what_something_is_said_of_is_not_called_sound() -> None:
    """Nor is what only an index could tell where there is none."""
    clock = Finding(area="clock", severity="note", code="c", message="m", advice="a")
    index = Finding(area="index", severity="note", code="index_missing", message="m", advice="a")
    looked_at = ["clock", "index", "gaps", "tasks", "holds"]

    assert sound_areas(looked_at, []) == looked_at
    assert sound_areas(looked_at, [clock]) == ["index", "gaps", "tasks", "holds"]
    assert sound_areas(looked_at, [index]) == ["clock", "holds"]
