"""`tasktrail-chaos`: try on your own disk whether anything is lost.

Everything happens in folders that the run makes itself; no other data root is touched. The folder
of a run that was not clean stays, for a look at it.
"""

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tasktrail.chaos.controls import run_control
from tasktrail.chaos.flood import run_flood
from tasktrail.chaos.guards import GUARDS
from tasktrail.chaos.index_kills import run_index_kills
from tasktrail.chaos.powercut import PRODUCERS, CutPlan, run_power_cuts, spread_cuts
from tasktrail.chaos.processes import has_redis
from tasktrail.chaos.redis_loss import FSYNCS, measure_loss
from tasktrail.chaos.report import (
    control_line,
    flood_lines,
    index_lines,
    loss_line,
    outcome_lines,
    sweep_lines,
)
from tasktrail.chaos.runs import Plan, run_chaos, spread
from tasktrail.chaos.small_disk import KIND as SMALL_DISK
from tasktrail.chaos.stage import Cast
from tasktrail.chaos.syscalls import run_syscalls
from tasktrail.chaos.trouble import Unavailable
from tasktrail.chaos.volume import why_unavailable
from tasktrail.errors import TasktrailError

EVENTS_PER_FAULT: Final = 300
EVENTS_PER_CUT: Final = 600
FAILED, UNAVAILABLE = 1, 3
Told = argparse.Namespace


def say(*lines: str) -> None:
    """The lines on stdout, at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def hint(text: str) -> None:
    """A line on stderr: how far a long run is."""
    sys.stderr.write(f"{text}\n")


def faults(told: Told, folder: Path) -> bool:
    """Random faults over running recorders and producers."""
    events = _left(told, told.faults, EVENTS_PER_FAULT)
    cast = Cast(
        recorders=told.recorders,
        partitions=told.partitions,
        events=events,
        rate=spread(events, told.faults - told.start),
    )
    if not has_redis():
        say("no redis-server is installed: its doors and faults are left out")
    missing = "is the one that --root names" if told.root else why_unavailable(SMALL_DISK)
    if missing is not None:
        say(f"the disk is never full: it {missing}")
    plan = Plan(
        told.seed, told.faults, start=told.start, fills=missing is None, removes=told.removals
    )
    outcome = run_chaos(folder, cast, plan, tell=hint)
    say(*outcome_lines(outcome))
    return outcome.is_clean


def _left(told: Told, faults: int, per_fault: int) -> int:
    """How many events belong to what is left behind `start`."""
    events = int(told.events or faults * per_fault)
    return events * (faults - int(told.start)) // faults


def powercut(told: Told, folder: Path) -> bool:
    """Power cuts of a loop-mounted file system; needs root."""
    events = _left(told, told.cuts, EVENTS_PER_CUT)
    cast = Cast(
        recorders=told.recorders,
        partitions=2,
        producers=PRODUCERS,
        events=events,
        rate=spread_cuts(events, told.cuts - told.start),
    )
    plan = CutPlan(told.fs, told.seed, told.cuts, told.start)
    outcome = run_power_cuts(folder, cast, plan, tell=hint)
    say(*outcome_lines(outcome))
    return outcome.is_clean


def syscalls(told: Told, folder: Path) -> bool:
    """Every system call that changes the disk: killed, refused, cut short; then a power cut."""
    missing = why_unavailable(told.fs)
    if missing is not None:
        say(f"no power is cut: it {missing}")
    sweep = run_syscalls(
        folder, told.fs if missing is None else None, step=told.step, start=told.start
    )
    say(*sweep_lines(sweep))
    return sweep.is_clean


def controls(told: Told, folder: Path) -> bool:
    """Every guard removed in turn: each run must fail."""
    names = told.guard or list(GUARDS)
    has_failed = True
    for name in names:
        control = run_control(folder, name, seed=told.seed)
        say(control_line(control))
        has_failed &= control.has_failed or control.is_skipped
    return has_failed


def index(told: Told, folder: Path) -> bool:
    """An index that follows through kills, beside one made anew."""
    outcome = run_index_kills(folder, seed=told.seed, kills=told.kills)
    say(*index_lines(outcome))
    return outcome.is_clean


def flood(told: Told, folder: Path) -> bool:
    """Far more events at once than can be recorded: the memory of each process."""
    outcome = run_flood(folder, events=told.events, recorders=told.recorders, tell=hint)
    say(*flood_lines(outcome))
    return outcome.outcome.is_clean


def redis_loss(told: Told, folder: Path) -> bool:
    """What a Redis loses that had answered; a measurement, no verdict."""
    kinds = [None, *([told.fs] if why_unavailable(told.fs) is None else [])]
    for fsync in FSYNCS:
        for kind in kinds:
            place = folder / (kind or "kill")
            say(
                loss_line(
                    measure_loss(
                        place, fsync, volume_kind=kind, rounds=told.rounds, seconds=told.seconds
                    )
                )
            )
    return True


Act = Callable[[Told, Path], bool]
ACTS: Final[dict[str, Act]] = {
    "faults": faults,
    "powercut": powercut,
    "syscalls": syscalls,
    "controls": controls,
    "index": index,
    "flood": flood,
    "redis-loss": redis_loss,
}


def parse(arguments: list[str]) -> Told:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="tasktrail-chaos", description="Breaks a Tasktrail of its own and counts what is lost."
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--root", type=Path, help="on which disk: a folder to work in")
    shared.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    shared.add_argument("--keep", action="store_true", help="keep the folder of a clean run")
    commands = parser.add_subparsers(dest="act", required=True)
    every = {
        name: commands.add_parser(name, parents=[shared], help=act.__doc__)
        for name, act in ACTS.items()
    }
    for name in ("faults", "powercut"):
        every[name].add_argument("--events", type=int, help="of all producers together")
        every[name].add_argument("--recorders", type=int, default=3)
    every["flood"].add_argument("--events", type=int, default=300_000)
    every["flood"].add_argument("--recorders", type=int, default=3)
    every["faults"].add_argument("--faults", type=int, default=60)
    every["faults"].add_argument("--partitions", type=int, default=4)
    every["faults"].add_argument(
        "--no-removals",
        action="store_false",
        dest="removals",
        help="never trim or empty Redis behind our back",
    )
    every["powercut"].add_argument("--cuts", type=int, default=20)
    for name in ("powercut", "syscalls", "redis-loss"):
        every[name].add_argument("--fs", choices=("ext4", "xfs"), default="ext4")
    every["syscalls"].add_argument("--step", type=int, default=1, help="every so manyth point")
    for name, noun in (("faults", "faults"), ("powercut", "cuts"), ("syscalls", "points")):
        every[name].add_argument(
            "--start", type=int, default=0, help=f"go on behind so many {noun}"
        )
    every["controls"].add_argument("--guard", choices=list(GUARDS), action="append")
    every["index"].add_argument("--kills", type=int, default=20)
    every["redis-loss"].add_argument("--rounds", type=int, default=4)
    every["redis-loss"].add_argument("--seconds", type=float, default=3.0)
    return parser.parse_args(arguments)


def run(arguments: Iterable[str]) -> int:
    """0: every promise was kept; 1: one was not; 3: this machine lacks what it needs."""
    told = parse(list(arguments))
    if told.root is not None:
        told.root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="tasktrail-chaos-", dir=told.root)).resolve()
    say(f"seed {told.seed}, in {folder}")
    try:
        is_clean = ACTS[told.act](told, folder)
    except Unavailable as error:
        say(f"skipped: {error}")
        shutil.rmtree(folder)
        return UNAVAILABLE
    except (TasktrailError, KeyboardInterrupt) as error:
        say(f"no verdict: {str(error) or 'interrupted'}; look into {folder}")
        say(*(f"its disk: mount -o loop {image} DIR" for image in sorted(folder.glob("*.img"))))
        return FAILED
    if is_clean and not told.keep:
        shutil.rmtree(folder)
    say("every promise was kept" if is_clean else f"a promise was broken: look into {folder}")
    return 0 if is_clean else FAILED


def main() -> None:
    """The program; it may be told to end as by Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
