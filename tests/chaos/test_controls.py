"""Controls: a run without a guard fails, and is told how."""

from pathlib import Path

import pytest

from tasktrail.chaos.controls import Effort, run_control
from tasktrail.chaos.guards import GUARDS

SMALL = Effort(attempts=1, events=900, faults=0, producers=("http",))


@pytest.mark.slow
def test_a_removed_guard_is_seen(tmp_path: Path) -> None:
    """Recorders that know no identity double what is sent again."""
    control = run_control(tmp_path, "dedupe", seed=1, effort=SMALL)

    assert control.has_failed
    assert "duplicated" in control.told
    assert list(tmp_path.iterdir()) == []


def test_the_rules_of_delivery_have_guards() -> None:
    """Ownership, order of progress, syncs, repair, dedupe, acknowledgement: each has a control."""
    assert {
        "owner-lock",
        "append-lock",
        "checkpoint-order",
        "trail-sync",
        "spool-sync",
        "cut-back",
        "open-sync",
        "dedupe",
        "membership",
        "ack-order",
        "pending-first",
    } <= set(GUARDS)
