"""Faults: drawn from a seed, and each leaves the stage able to go on."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tasktrail.chaos.faults import FAULTS, Fault, Means, draw
from tasktrail.chaos.processes import Child

if TYPE_CHECKING:
    from tasktrail.chaos.proxy import Proxy
    from tasktrail.chaos.small_disk import SmallDisk

SLEEPER = ["sleep", "60"]


class Stage:
    """Two sleeping recorders, one producer, and no Redis but a line to nowhere."""

    def __init__(self, folder: Path) -> None:
        self.recorders = [Child(SLEEPER, folder / f"recorder-{n}.log") for n in range(2)]
        self.producers = [Child(SLEEPER, folder / "producer.log")]
        self.redis: Child | None = None
        self.recorders_line: Proxy | None = None
        self.producers_line: Proxy | None = None
        self.disk: SmallDisk | None = None
        self.asked: list[str | float] = []
        for child in (*self.recorders, *self.producers):
            child.start()

    def start_recorder(self, recorder: Child) -> None:
        """It runs again."""
        recorder.start()

    def start_redis(self) -> None:
        """There is none."""

    def ask_redis(self, *command: str | int) -> None:
        """The command's first word is kept."""
        self.asked.append(command[0])

    def poison(self, dice: random.Random) -> None:
        """A throw is asked for, nothing is sent."""
        self.asked.append(dice.random())

    def one_more_recorder(self, seconds: float) -> None:
        """Nobody comes."""
        assert seconds > 0

    def close(self) -> None:
        """Nobody lives any more."""
        for child in (*self.recorders, *self.producers):
            child.kill()


def test_a_seed_draws_the_same_faults_again() -> None:
    """So a run can be repeated."""

    def drawn(seed: int) -> list[str]:
        dice = random.Random(seed)
        return [draw(dice, Means(has_redis=True, removes=True)).name for _ in range(50)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_what_cannot_be_had_is_never_drawn() -> None:
    """Without Redis none of its faults; without leave nothing is removed; or only one."""
    dice = random.Random(1)
    without = {draw(dice, Means(removes=True)).needs_redis for _ in range(200)}
    kept = {draw(dice, Means(has_redis=True)).removes for _ in range(200)}
    filled = {draw(dice, Means(has_disk=True)).needs_disk for _ in range(200)}
    one = {draw(dice, Means(has_redis=True), only=("kill Redis",)).name for _ in range(9)}

    assert (without, kept, filled, one) == ({False}, {False}, {False, True}, {"kill Redis"})


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_everybody_lives_after_a_fault(tmp_path: Path, fault: Fault) -> None:
    """What was killed was started again, what was frozen can be told to stop."""
    stage = Stage(tmp_path)
    try:
        fault.act(stage, random.Random(3))

        assert all(child.is_alive for child in (*stage.recorders, *stage.producers))
        assert [recorder.stop() for recorder in stage.recorders] == [-15, -15]
    finally:
        stage.close()
