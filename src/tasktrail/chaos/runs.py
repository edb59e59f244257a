"""The chaos run: faults at random over running recorders and producers, then the verdict.

What is drawn follows from the seed and the fault's number; what it meets depends on the machine, so
a seed repeats the faults and not the moment. A run that is interrupted ends early and judges what
was sent by then; another one goes on behind its last fault. Without redis-server the doors of Redis
stay closed, and without root the disk is never full, and that is said.
"""

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.chaos.checker import Allowed, Verdict, check
from tasktrail.chaos.faults import Means, draw
from tasktrail.chaos.processes import Child, tasktrail
from tasktrail.chaos.small_disk import SmallDisk
from tasktrail.chaos.stage import Cast, TheStage

PAUSE_SECONDS: Final = 0.15  # the longest between two faults
FAULT_SECONDS: Final = 0.38  # what a fault and its pause take, about: events are spread over it
VERIFY_SECONDS: Final = 1_800.0
TOLD_EVERY_SECONDS: Final = 30.0
MOST_MEMORY: Final = 256 << 20  # of one recorder, whatever is sent to it

Tell = Callable[[str], None]


def tell_nobody(_text: str) -> None:
    """Nothing."""


class Outcome(Struct):
    """What a run came to."""

    verdict: Verdict
    faults: dict[str, int]
    seconds: float
    crashes: list[str]
    verify: str  # what `tasktrail verify` said last
    is_verified: bool
    peak_bytes: int = 0  # the most memory of a recorder; 0 is not known
    stopped_behind: int | None = None  # the number of the last fault, where it was interrupted

    @property
    def is_too_large(self) -> bool:
        """Whether a recorder took more memory than it may."""
        return self.peak_bytes > MOST_MEMORY

    @property
    def is_clean(self) -> bool:
        """Whether no promise was broken and nothing ended by itself."""
        is_whole = self.verdict.is_clean and self.is_verified
        return is_whole and not self.crashes and not self.is_too_large


class Plan(Struct, frozen=True):
    """What happens in a run."""

    seed: int
    faults: int
    start: int = 0  # so many of them were dealt by a run before this one
    fills: bool = False  # the root stands on a small disk of its own, and that is filled
    removes: bool = False  # entries are removed from Redis behind our back, too
    only: tuple[str, ...] = ()  # nothing but these faults
    pause_seconds: float = PAUSE_SECONDS  # the longest between two faults


def run_chaos(
    folder: Path,
    cast: Cast,
    plan: Plan,
    *,
    tell: Tell = tell_nobody,
    told_every_seconds: float = TOLD_EVERY_SECONDS,
) -> Outcome:
    """The outcome of a run in that folder; raises ChaosFailed when there is none."""
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(plan.start, plan.faults)
    with ExitStack() as stack:
        disk = stack.enter_context(SmallDisk(folder, cast.events)) if plan.fills else None
        stage = stack.enter_context(TheStage(folder, cast, disk=disk))
        stage.start()
        drawn, done, is_early = Counter[str](), plan.start, False
        try:
            for number in told_now_and_then(numbers, "faults", tell, told_every_seconds):
                drawn[_deal(stage, plan, random.Random(f"{plan.seed} {number}"))] += 1
                done = number + 1
        except KeyboardInterrupt:
            tell(f"interrupted behind fault {done}: what was sent is judged")
            is_early = True
            stage.revive()
        stage.note_crashes()
        stage.finish(early=is_early)
        took = time.monotonic() - began
        verdict = check(stage.root, stage.ledgers, Allowed(removes_from_redis=plan.removes))
        said, is_verified = verify(stage.root, folder / "verify.log")
        dealt = dict(drawn.most_common())
        outcome = Outcome(verdict, dealt, took, stage.crashes, said, is_verified)
        outcome.peak_bytes = stage.peak_bytes
        outcome.stopped_behind = done if is_early else None
        if disk is not None and not outcome.is_clean:
            shutil.copytree(stage.root, folder / "root")  # its disk goes, and somebody will look
    return outcome


def _deal(stage: TheStage, plan: Plan, dice: random.Random) -> str:
    """The name of the fault that was dealt, after a pause."""
    if plan.only:
        stage.wait_for_service()  # else the same fault never meets anybody at work
    time.sleep(dice.uniform(0, plan.pause_seconds))
    stage.note_crashes()
    means = Means(stage.redis is not None, stage.disk is not None, plan.removes)
    fault = draw(dice, means, only=plan.only)
    note_fault(stage.folder, fault.name)
    fault.act(stage, dice)
    return fault.name


def told_now_and_then(
    numbers: range, noun: str, tell: Tell, every_seconds: float = TOLD_EVERY_SECONDS
) -> Iterator[int]:
    """The numbers; every so many seconds it is told how far they are."""
    told_at = time.monotonic()
    for number in numbers:
        yield number
        if time.monotonic() - told_at > every_seconds:
            told_at = time.monotonic()
            tell(f"{number + 1:,} of {numbers.stop:,} {noun}")


def note_fault(folder: Path, name: str) -> None:
    """The fault stands in the run's own journal, with its time."""
    with (folder / "faults.log").open("a", encoding="utf-8") as journal:
        journal.write(f"{time.time():.3f} {name}\n")


def verify(root: Path, log: Path) -> tuple[str, bool]:
    """The last line of `tasktrail verify`, and whether it found nothing."""
    child = Child(tasktrail("verify", "--data", str(root)), log)
    child.start()
    code = child.wait(VERIFY_SECONDS)
    return child.said.strip().rpartition("\n")[2], code == 0


def spread(events: int, faults: int) -> float:
    """How many events a second keep producers busy until the last fault."""
    return events / max(1.0, faults * FAULT_SECONDS)


def remove_traces(folder: Path) -> None:
    """The folder of a run is gone; only for one that was clean."""
    shutil.rmtree(folder)
