"""What is printed: figures that can be read, and zeros that are seen."""

from tasktrail.chaos.checker import Verdict
from tasktrail.chaos.controls import Control
from tasktrail.chaos.index_kills import IndexOutcome
from tasktrail.chaos.redis_loss import Loss
from tasktrail.chaos.report import (
    control_line,
    index_lines,
    loss_line,
    outcome_lines,
    sweep_lines,
)
from tasktrail.chaos.runs import Outcome
from tasktrail.chaos.syscalls import Sweep


def test_zeros_are_printed() -> None:
    """Every kind of error has its number, also when it is none."""
    verdict = Verdict(accepted=1_000, recorded=1_000)
    text = "\n".join(
        outcome_lines(Outcome(verdict, {"kill": 3}, 7.0, [], "fine", is_verified=True))
    )

    assert "3 in 7 s: 3 kill" in text
    assert "lost 0, duplicated 0, reordered 0" in text


def test_what_a_run_met_besides_is_told() -> None:
    """Poison, memory, and where an interrupted one can go on."""
    outcome = Outcome(Verdict(poison=7), {}, 1.0, [], "", is_verified=True)
    calm = list(outcome_lines(outcome))
    outcome.peak_bytes, outcome.stopped_behind = 300 << 20, 12
    lines = list(outcome_lines(outcome))

    assert "7 entries that are no events, each set aside once" in calm
    assert "interrupted: --start 12 with the same seed goes on from here" in lines
    assert "the largest recorder took 300 MiB, more than it may" in lines
    assert not outcome.is_clean


def test_errors_come_with_examples() -> None:
    """Which event, and where."""
    verdict = Verdict()
    verdict.note("lost", "http-1#7")
    outcome = Outcome(verdict, {}, 1.0, ["recorder-0 ended with 1"], "", is_verified=True)

    assert "  lost: http-1#7" in list(outcome_lines(outcome))
    assert "  crash: recorder-0 ended with 1" in list(outcome_lines(outcome))


def test_a_control_that_stays_clean_is_loud() -> None:
    """It means that the harness is blind there."""
    clean = Control("dedupe", 3, "every run was clean", has_failed=False)
    failed = Control("dedupe", 1, "5 duplicated", has_failed=True)

    assert "STAYS CLEAN" in control_line(clean)
    assert "fails" in control_line(failed)


def test_sweeps_digests_and_losses_have_their_lines() -> None:
    """One figure each is enough to see that they are there."""
    sweep = Sweep(["write", "write"], points=2, failed=["Point 1"])
    loss = Loss("none", "kill", rounds=1, answered=10, lost=10)

    assert "points that broke a promise: 1" in list(sweep_lines(sweep))
    assert "10 of 10" in loss_line(loss)
    assert "followed live abc, rebuilt abc" in list(
        index_lines(IndexOutcome(1, 1, 1, "abc", "abc", 1.0))
    )
