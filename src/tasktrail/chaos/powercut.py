"""Power cuts: recorders work on a volume of their own, whose power is cut again and again.

A producer counts a batch as accepted only if the volume still answered after it was told so: at the
very moment of a cut a sync may return although nothing is kept. Half of the cuts find the recorders
frozen and their newest unsynced files with the last pages on disk before the others.
"""

import random
import shutil
import time
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.chaos.checker import Allowed, check
from tasktrail.chaos.events import kind_of
from tasktrail.chaos.runs import Outcome, Tell, tell_nobody, told_now_and_then, verify
from tasktrail.chaos.stage import Cast, TheStage
from tasktrail.chaos.volume import Volume
from tasktrail.store.files import replace_file

PRODUCERS: Final = ("redis", "flow", "http", "http", "shuffled", "durable", "sdk")
WORK_SECONDS: Final = (0.2, 1.0)  # how long it works between two cuts, once the service answers
CUT_SECONDS: Final = 2.5  # what a cut takes with everything around it: events are spread over it
SETTLE_SECONDS: Final = 0.05
HOLES_CHANCE: Final = 0.5


class CutPlan(Struct, frozen=True):
    """What happens in a run."""

    kind: str  # of file system
    seed: int
    cuts: int
    start: int = 0  # so many of them were dealt by a run before this one


def run_power_cuts(folder: Path, cast: Cast, plan: CutPlan, *, tell: Tell = tell_nobody) -> Outcome:
    """The outcome of those cuts; raises Unavailable. An interrupt ends the run early."""
    began = time.monotonic()
    done = holes = 0
    with Volume(folder, plan.kind) as volume:
        with TheStage(folder, cast, root=volume.path / "root") as stage:
            _name_life(stage.probe, volume, 0)
            stage.start()
            try:
                for number in told_now_and_then(range(plan.start, plan.cuts), "cuts", tell):
                    holes += _one_cut(stage, volume, random.Random(f"{plan.seed} {number}"))
                    done += 1
            except KeyboardInterrupt:
                tell(f"interrupted behind cut {plan.start + done}: what was sent is judged")
                _kill_users(stage)
                _go_on(stage, volume)
            is_early = plan.start + done < plan.cuts
            stage.finish(early=is_early)
            took = time.monotonic() - began
            allowed = Allowed(cuts=tuple(volume.cuts))
            verdict = check(stage.root, stage.ledgers, allowed)
            said, is_verified = verify(stage.root, folder / "verify.log")
        for child in stage.recorders:
            child.kill()
        faults = {f"power cut on {plan.kind}, {holes} of them with pages out of order": done}
        outcome = Outcome(verdict, faults, took, stage.crashes, said, is_verified)
        outcome.peak_bytes = stage.peak_bytes
        outcome.stopped_behind = plan.start + done if is_early else None
        if not outcome.is_clean:
            shutil.copytree(stage.root, folder / "root")  # its disk goes, and somebody will look
    return outcome


def _one_cut(stage: TheStage, volume: Volume, dice: random.Random) -> bool:
    """Whether some file had its end forced out; everybody works again."""
    time.sleep(dice.uniform(*WORK_SECONDS))
    is_holed = _cut(stage, volume, is_holed=dice.random() < HOLES_CHANCE)
    _go_on(stage, volume)
    return is_holed


def _go_on(stage: TheStage, volume: Volume) -> None:
    """The power is on, and everybody works."""
    volume.power_on()
    _name_life(stage.probe, volume, len(volume.cuts))
    stage.start()


def _cut(stage: TheStage, volume: Volume, *, is_holed: bool) -> bool:
    """Whether some file had its end forced out; then the power was cut, and is off."""
    forced = 0
    if is_holed:
        for recorder in stage.recorders:
            recorder.freeze()
        time.sleep(SETTLE_SECONDS)
        forced = volume.force_last_pages()
    volume.cut()
    _kill_users(stage)
    return forced > 0


def _kill_users(stage: TheStage) -> None:
    """Nobody has a file of the volume open."""
    for child in stage.recorders:
        child.kill()
    for producer in stage.producers:
        if kind_of(producer.name).door == "sdk":  # its outbox is on the volume
            producer.kill()


def _name_life(probe: Path, volume: Volume, number: int) -> None:
    """A file that exists in this life of the volume only; `probe` leads producers to it."""
    for old in volume.path.glob("life-*"):
        old.unlink()
    file = volume.path / f"life-{number}"
    file.touch()
    link = probe.with_name("probe.new")
    link.symlink_to(file)
    replace_file(link, probe)


def spread_cuts(events: int, cuts: int) -> float:
    """How many events a second keep producers busy until the last cut."""
    return events / max(1.0, cuts * CUT_SECONDS)
