"""Where identities were given twice."""

from pathlib import Path

from tasktrail.upkeep.conflicts import find_conflicts
from tests.support.workshop import Workshop


def test_entries_of_one_identity_are_found_within_bounds(tmp_path: Path) -> None:
    """Of one trail; another task may have the same identity, and not everything is read."""
    workshop = Workshop(tmp_path)
    for task_id in ("gh-1", "gh-2", "gh-3"):
        workshop.accept("task:log", task_id, event_id="e-1", data={"message": "m"})
    for message in ("a", "b"):
        workshop.accept("task:log", "gh-2", event_id="e-1", data={"message": message})
    workshop.record()
    found = find_conflicts(workshop.layout, most=9)

    assert [str(one) for one in found] == [
        "task gh-2 (seq 1 and 2, identity e-1)",
        "task gh-2 (seq 1 and 3, identity e-1)",
    ]
    assert len(find_conflicts(workshop.layout, most=1)) == 1
    assert find_conflicts(workshop.layout, most=9, most_read=2) == []
