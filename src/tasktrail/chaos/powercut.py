"""Power cuts: recorders work on a volume of their own, whose power is cut again and again.

A producer counts a batch as accepted only if the volume still answered after it was told so: at the
very moment of a cut a sync may return although nothing is kept. Half of the cuts find the recorders
frozen and their newest unsynced files with the last pages on disk before the others.
"""

import random
import time
from pathlib import Path
from typing import Final

from tasktrail.chaos.checker import Allowed, check
from tasktrail.chaos.events import kind_of
from tasktrail.chaos.runs import Outcome, verify
from tasktrail.chaos.stage import Cast, TheStage
from tasktrail.chaos.volume import Volume
from tasktrail.store.files import replace_file

PRODUCERS: Final = ("redis", "flow", "http", "http", "shuffled", "durable", "sdk")
WORK_SECONDS: Final = (0.2, 1.0)  # how long it works between two cuts, once the service answers
CUT_SECONDS: Final = 2.5  # what a cut takes with everything around it: events are spread over it
SETTLE_SECONDS: Final = 0.05
HOLES_CHANCE: Final = 0.5


def run_power_cuts(folder: Path, kind: str, cast: Cast, *, seed: int, cuts: int) -> Outcome:
    """The outcome of that many cuts on a file system of that kind; raises Unavailable."""
    dice = random.Random(seed)
    began = time.monotonic()
    holes = 0
    with Volume(folder, kind) as volume:
        with TheStage(folder, cast, root=volume.path / "root") as stage:
            _name_life(stage.probe, volume, 0)
            stage.start()
            for cut in range(1, cuts + 1):
                time.sleep(dice.uniform(*WORK_SECONDS))
                holes += _cut(stage, volume, is_holed=dice.random() < HOLES_CHANCE)
                _name_life(stage.probe, volume, cut)
                stage.start()
            stage.finish()
            took = time.monotonic() - began
            allowed = Allowed(cuts=tuple(volume.cuts))
            verdict = check(stage.root, stage.ledgers, allowed)
            said, is_verified = verify(stage.root, folder / "verify.log")
        for child in stage.recorders:
            child.kill()
    faults = {f"power cut on {kind}": cuts, "of which with files forced out of order": holes}
    return Outcome(verdict, faults, took, stage.crashes, said, is_verified)


def _cut(stage: TheStage, volume: Volume, *, is_holed: bool) -> bool:
    """Whether some file had its end forced out; then the power was cut, and is on again."""
    forced = 0
    if is_holed:
        for recorder in stage.recorders:
            recorder.freeze()
        time.sleep(SETTLE_SECONDS)
        forced = volume.force_last_pages()
    volume.cut()
    for child in stage.recorders:
        child.kill()
    for producer in stage.producers:
        if kind_of(producer.name).door == "sdk":  # its outbox is on the volume
            producer.kill()
    volume.power_on()
    return forced > 0


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
