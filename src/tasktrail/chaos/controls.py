"""Control runs: each guard is removed in turn, and the run that it holds must fail.

A run is repeated with the next seed until it fails, a few times at most: without a guard trouble is
likely, not certain. A guard whose run stays clean proves that the harness does not see it.
"""

import shutil
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.chaos.checker import ERRORS
from tasktrail.chaos.guards import GUARDS, Guard
from tasktrail.chaos.powercut import PRODUCERS, CutPlan, run_power_cuts, spread_cuts
from tasktrail.chaos.runs import Outcome, Plan, run_chaos
from tasktrail.chaos.stage import EVERY_KIND, Cast
from tasktrail.chaos.syscalls import run_syscalls
from tasktrail.chaos.trouble import ChaosFailed, Unavailable

FAULT_SECONDS: Final = 1.3
PAUSE_SECONDS: Final = 2.0  # where only one fault is dealt: the next life must get somewhere


class Effort(Struct, frozen=True):
    """How much is tried before a run is called clean."""

    attempts: int = 3
    events: int = 8_000
    faults: int = 12
    cuts: int = 5
    producers: tuple[str, ...] | None = None  # `None`: all there are


FULL_EFFORT: Final = Effort()


class Control(Struct):
    """What became of the runs without one guard."""

    guard: str
    attempts: int
    told: str  # how it failed, or why it was not tried
    has_failed: bool
    is_skipped: bool = False


def run_control(folder: Path, name: str, *, seed: int, effort: Effort = FULL_EFFORT) -> Control:
    """The runs without that guard, until one fails."""
    for attempt in range(1, effort.attempts + 1):
        place = folder / f"{name}-{attempt}"
        place.mkdir(parents=True)
        try:
            told = _failure(place, name, seed + attempt, effort)
        except Unavailable as error:
            return Control(name, attempt, str(error), has_failed=False, is_skipped=True)
        except ChaosFailed as error:
            told = f"it does not come to an end: {str(error)[:80]}"
        shutil.rmtree(place)
        if told is not None:
            return Control(name, attempt, told, has_failed=True)
    return Control(name, effort.attempts, "every run was clean", has_failed=False)


def _failure(folder: Path, name: str, seed: int, effort: Effort) -> str | None:
    """How a run without the guard fails; `None`: it does not."""
    guard = GUARDS[name]
    if guard.run == "syscalls":
        return _failed_point(folder, name, guard)
    if guard.run in {"ext4", "xfs"}:
        return _told(_cut_run(folder, name, seed, effort))
    pause = PAUSE_SECONDS if guard.only else 0.25
    rate = effort.events / max(1.0, effort.faults * FAULT_SECONDS)
    cast = Cast(
        producers=effort.producers or EVERY_KIND, events=effort.events, rate=rate, without=name
    )
    plan = Plan(
        seed,
        effort.faults,
        removes=guard.run == "removals",
        only=(guard.only,) if guard.only else (),
        pause_seconds=pause,
    )
    return _told(run_chaos(folder, cast, plan))


def _cut_run(folder: Path, name: str, seed: int, effort: Effort) -> Outcome:
    events = effort.events // 2
    cast = Cast(
        recorders=2,
        partitions=2,
        producers=PRODUCERS,
        events=events,
        rate=spread_cuts(events, effort.cuts),
        without=name,
    )
    return run_power_cuts(folder, cast, CutPlan(GUARDS[name].run, seed, effort.cuts))


def _failed_point(folder: Path, name: str, guard: Guard) -> str | None:
    sweep = run_syscalls(folder, "ext4", faults=[guard.only or "kill"], without=name)
    return f"after {sweep.points} points: {sweep.failed[0][:80]}" if sweep.failed else None


def _told(outcome: Outcome) -> str | None:
    if outcome.is_clean:
        return None
    counts = {one: getattr(outcome.verdict, one) for one in ERRORS}
    found = [f"{count} {one}" for one, count in counts.items() if count]
    return ", ".join([*found, *outcome.crashes[:1]]) or outcome.verify
