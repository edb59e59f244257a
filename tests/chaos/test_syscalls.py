"""The sweep over system calls, its short version: a few points of each fault."""

from pathlib import Path

import pytest

from tasktrail.chaos.injection import FAULTS
from tasktrail.chaos.syscalls import CUT, Point, points_of, run_syscalls
from tasktrail.chaos.volume import why_unavailable

STEP = 200  # of about 1,300 points


def test_points_are_every_fault_at_every_call() -> None:
    """A short write means something at writes only."""
    calls = ["write", "fsync"]

    assert points_of(calls, ["kill", "short"]) == [
        Point("kill", 1, "write"),
        Point("kill", 2, "fsync"),
        Point("short", 1, "write"),
    ]


def test_steps_take_other_calls_of_each_fault() -> None:
    """So a sparse sweep still meets many places."""
    places = {point.at % 4 for point in points_of(["write"] * 8, FAULTS, step=4)}

    assert places == {0, 1, 2, 3}


@pytest.mark.slow
def test_no_broken_call_costs_an_accepted_event(tmp_path: Path) -> None:
    """A successor takes over, and the power is cut where that can be done."""
    kind = "ext4" if why_unavailable("ext4") is None else None
    sweep = run_syscalls(tmp_path, kind, step=STEP)

    assert sweep.failed == []
    assert sweep.met == sweep.points >= 4
    assert sweep.accepted > 100


@pytest.mark.slow
def test_without_its_guard_a_call_costs_events(tmp_path: Path) -> None:
    """With trails that are never synced, a power cut at some call shows, a few calls on."""
    reason = why_unavailable("ext4")
    if reason is not None:
        pytest.skip(f"a power cut {reason}")
    sweep = run_syscalls(tmp_path, "ext4", step=9, start=6, faults=[CUT], without="trail-sync")

    assert sweep.failed
