"""The chaos run, its short version; its control is in test_controls."""

from pathlib import Path

import pytest

from tasktrail.chaos.runs import Plan, run_chaos, spread
from tasktrail.chaos.stage import Cast

EVENTS = 2_400


@pytest.mark.live
@pytest.mark.slow
def test_faults_cost_nothing(tmp_path: Path) -> None:
    """Three recorders, all doors, eight faults: all there, once, in order, whole."""
    cast = Cast(events=EVENTS, rate=spread(EVENTS, 8))
    outcome = run_chaos(tmp_path, cast, Plan(seed=20261122, faults=8))

    assert outcome.is_clean, (outcome.verdict, outcome.crashes, outcome.verify)
    assert outcome.verdict.accepted > EVENTS / 2
    assert sum(outcome.faults.values()) == 8
