"""The chaos run, its short version; its control is in test_controls."""

from pathlib import Path

import pytest

from tasktrail.chaos.runs import Plan, run_chaos, spread, told_now_and_then
from tasktrail.chaos.stage import Cast
from tests.chaos.test_volume import cuttable

EVENTS = 1_800
SEED = 3  # deals a full disk and poison within three faults


@pytest.mark.live
@pytest.mark.slow
def test_faults_cost_nothing(tmp_path: Path) -> None:
    """Three recorders, all doors, six faults: all there, once, in order, whole."""
    cast = Cast(events=EVENTS, rate=spread(EVENTS, 6))
    outcome = run_chaos(tmp_path, cast, Plan(seed=20261122, faults=6))

    assert outcome.is_clean, (outcome.verdict, outcome.crashes, outcome.verify)
    assert outcome.verdict.accepted > EVENTS / 2
    assert sum(outcome.faults.values()) == 6


@pytest.mark.live
@pytest.mark.slow
def test_a_full_disk_and_poison_cost_nothing(tmp_path: Path) -> None:
    """The end of such a run: nothing is lost, what is no event is set aside, all goes on alone."""
    cuttable("ext4")
    cast = Cast(recorders=2, partitions=2, producers=("http", "redis", "sdk"), events=600, rate=300)
    both = ("fill the disk", "poison the stream")
    outcome = run_chaos(tmp_path, cast, Plan(seed=SEED, faults=3, fills=True, only=both))

    assert outcome.is_clean, (outcome.verdict, outcome.crashes, outcome.verify)
    assert set(outcome.faults) == set(both)
    assert outcome.verdict.poison > 0


def test_a_run_that_is_interrupted_is_judged_by_then(tmp_path: Path) -> None:
    """It says where another one goes on; nobody is left behind."""

    def interrupt(_text: str) -> None:
        said.append(_text)
        if len(said) == 1:
            raise KeyboardInterrupt

    said: list[str] = []
    cast = Cast(recorders=1, partitions=1, producers=("durable",), events=50_000, rate=100)
    plan = Plan(seed=1, faults=9, only=("freeze a producer",))
    outcome = run_chaos(tmp_path, cast, plan, tell=interrupt, told_every_seconds=0)

    assert outcome.is_clean, (outcome.verdict, outcome.crashes, outcome.verify)
    assert (outcome.stopped_behind, outcome.faults) == (1, {"freeze a producer": 1})
    assert said == ["1 of 9 faults", "interrupted behind fault 1: what was sent is judged"]


def test_long_runs_tell_how_far_they_are() -> None:
    """Now and then; short ones say nothing."""
    said: list[str] = []
    often = list(told_now_and_then(range(2, 4), "cuts", said.append, every_seconds=0))
    never = list(told_now_and_then(range(2, 4), "cuts", said.append))

    assert often == never == [2, 3]
    assert said == ["3 of 4 cuts", "4 of 4 cuts"]
