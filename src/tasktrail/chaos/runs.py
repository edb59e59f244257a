"""The chaos run: faults at random over running recorders and producers, then the verdict.

What is drawn follows from the seed; what it meets depends on the machine, so a seed repeats the
faults and not the moment. Without redis-server the doors of Redis stay closed, and that is said.
"""

import random
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.chaos.checker import Allowed, Verdict, check
from tasktrail.chaos.faults import draw
from tasktrail.chaos.processes import Child, tasktrail
from tasktrail.chaos.stage import Cast, TheStage

PAUSE_SECONDS: Final = 0.25  # the longest between two faults
FAULT_SECONDS: Final = 0.45  # what a fault and its pause take, about: events are spread over it
VERIFY_SECONDS: Final = 1_800.0


class Outcome(Struct):
    """What a run came to."""

    verdict: Verdict
    faults: dict[str, int]
    seconds: float
    crashes: list[str]
    verify: str  # what `tasktrail verify` said last
    is_verified: bool

    @property
    def is_clean(self) -> bool:
        """Whether no promise was broken and nothing ended by itself."""
        return self.verdict.is_clean and not self.crashes and self.is_verified


class Plan(Struct, frozen=True):
    """What happens in a run."""

    seed: int
    faults: int
    removes: bool = False  # entries are removed from Redis behind our back, too
    only: str | None = None  # nothing but that fault
    pause_seconds: float = PAUSE_SECONDS  # the longest between two faults


def run_chaos(folder: Path, cast: Cast, plan: Plan) -> Outcome:
    """The outcome of a run in that folder; raises ChaosFailed when there is none."""
    dice = random.Random(plan.seed)
    drawn: Counter[str] = Counter()
    began = time.monotonic()
    with TheStage(folder, cast) as stage:
        stage.start()
        for _ in range(plan.faults):
            if plan.only is not None:
                stage.wait_for_service()  # else the same fault never meets anybody at work
            time.sleep(dice.uniform(0, plan.pause_seconds))
            stage.note_crashes()
            fault = draw(
                dice, has_redis=stage.redis is not None, removes=plan.removes, only=plan.only
            )
            note_fault(folder, fault.name)
            fault.act(stage, dice)
            drawn[fault.name] += 1
        stage.note_crashes()
        stage.finish()
        took = time.monotonic() - began
        verdict = check(stage.root, stage.ledgers, Allowed(removes_from_redis=plan.removes))
        said, is_verified = verify(stage.root, folder / "verify.log")
    return Outcome(verdict, dict(drawn.most_common()), took, stage.crashes, said, is_verified)


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
