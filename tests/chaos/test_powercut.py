"""Power cuts, their short version: a real service and a recorder, cut in the middle."""

import shutil
from pathlib import Path

import pytest

from tasktrail.chaos.powercut import CutPlan, run_power_cuts, spread_cuts
from tasktrail.chaos.stage import Cast
from tests.chaos.test_volume import cuttable


@pytest.mark.slow
def test_power_cuts_cost_no_accepted_event(tmp_path: Path) -> None:
    """The last of two cuts on ext4: what HTTP and the durable SDK accepted is there."""
    cast = Cast(recorders=2, partitions=2, producers=("http", "durable"), events=800, rate=400)
    outcome = run_power_cuts(tmp_path, cast, CutPlan(cuttable("ext4"), seed=5, cuts=2, start=1))

    assert outcome.is_clean, (outcome.verdict, outcome.crashes, outcome.verify)
    assert outcome.verdict.recorded >= outcome.verdict.accepted > 500
    shutil.rmtree(tmp_path)


def test_events_are_spread_over_the_cuts() -> None:
    """So that each cut meets producers at work."""
    assert spread_cuts(1_000, 20) == pytest.approx(20.0)
