"""What a run prints: its seed, its faults, its figures; zeros are the point of it."""

from collections.abc import Iterator
from typing import Final

from tasktrail.chaos.checker import ERRORS
from tasktrail.chaos.controls import Control
from tasktrail.chaos.flood import TIMES, Flood
from tasktrail.chaos.guards import GUARDS
from tasktrail.chaos.index_kills import IndexOutcome
from tasktrail.chaos.redis_loss import Loss
from tasktrail.chaos.runs import Outcome
from tasktrail.chaos.syscalls import Sweep

SHOWN_FAILURES: Final = 10


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """The figures of a run with faults or power cuts."""
    verdict = outcome.verdict
    yield f"{sum(outcome.faults.values()):,} in {outcome.seconds:.0f} s: {_listed(outcome.faults)}"
    if outcome.stopped_behind is not None:
        yield f"interrupted: --start {outcome.stopped_behind} with the same seed goes on from here"
    yield (
        f"accepted {verdict.accepted:,}, recorded {verdict.recorded:,}, "
        f"{verdict.entries:,} entries in {verdict.trails:,} trails"
    )
    yield ", ".join(f"{name} {getattr(verdict, name):,}" for name in ERRORS)
    if verdict.gaps:
        yield (
            f"{verdict.gaps} gaps tell of {verdict.removed:,} events removed from Redis in their "
            f"place, of {verdict.misplaced:,} by their number only"
        )
    if verdict.refilled:
        yield (
            f"{verdict.refilled:,} events of batches that a cut tore apart, on their way into the "
            "spool, stand behind the rest of their batch"
        )
    if verdict.poison:
        yield f"{verdict.poison:,} entries that are no events, each set aside once"
    if verdict.in_window:
        yield f"{verdict.in_window:,} not yet synced events lost within the published window"
    yield f"verify: {outcome.verify}"
    if outcome.peak_bytes:
        word = ", more than it may" if outcome.is_too_large else ""
        yield f"the largest recorder took {outcome.peak_bytes >> 20:,} MiB{word}"
    yield from (f"  crash: {one}" for one in outcome.crashes)
    yield from (f"  {one}" for one in verdict.examples)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def sweep_lines(sweep: Sweep) -> Iterator[str]:
    """The figures of a sweep over system calls."""
    counts = {name: sweep.calls.count(name) for name in dict.fromkeys(sweep.calls)}
    yield f"{len(sweep.calls)} calls in a run: {_listed(counts)}"
    yield (
        f"{sweep.points:,} points, {sweep.met:,} met, {sweep.cuts:,} power cuts, "
        f"{sweep.accepted:,} accepted events"
    )
    yield f"points that broke a promise: {len(sweep.failed)}"
    yield from (f"  {one}" for one in sweep.failed[:SHOWN_FAILURES])


def flood_lines(flood: Flood) -> Iterator[str]:
    """How fast events came, what each process took, and the figures of any run."""
    yield (
        f"{flood.sent:,} events waited, and all were recorded after {flood.recorded_seconds:.1f} s:"
        f" as after {flood.flood_seconds:.1f} s of {TIMES} times what can be recorded"
    )
    yield ", ".join(f"{name} took {peak >> 20} MiB" for name, peak in flood.peaks.items())
    yield from list(outcome_lines(flood.outcome))[1:]


def control_line(control: Control) -> str:
    """What became of one guard's control."""
    word = "skipped" if control.is_skipped else "fails" if control.has_failed else "STAYS CLEAN"
    rule = GUARDS[control.guard].rule
    return f"{control.guard:18} {word:12} {rule}: {control.told} (attempt {control.attempts})"


def index_lines(outcome: IndexOutcome) -> Iterator[str]:
    """Both digests."""
    yield (
        f"{outcome.kills} kills in {outcome.seconds:.0f} s, {outcome.entries:,} entries in "
        f"{outcome.trails} trails"
    )
    yield f"followed live {outcome.live[:16]}, rebuilt {outcome.rebuilt[:16]}"


def loss_line(loss: Loss) -> str:
    """One row of what Redis loses."""
    return (
        f"appendfsync {loss.fsync:9} {loss.blow:18} {loss.lost:,} of {loss.answered:,} answered "
        f"lost in {loss.rounds} rounds; at worst {loss.worst:,}, {loss.worst_seconds:.2f} s old"
    )
