"""The index under kills: what one that died again and again answers, and what a new one answers.

The digest is over what the commands answer, so it holds whatever the index looks like inside.
"""

import hashlib
import json
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.chaos.processes import python, tasktrail
from tasktrail.chaos.stage import Cast, TheStage
from tasktrail.chaos.trouble import ChaosFailed

PRODUCERS: Final = ("http", "shuffled", "sdk")
LIFE_SECONDS: Final = (0.35, 0.9)  # a process needs about the first to begin
EVENTS_PER_KILL: Final = 150
TASKS: Final = 10
MANY: Final = "10000"


class IndexOutcome(Struct):
    """Both digests, and over how much."""

    kills: int
    trails: int
    entries: int
    live: str
    rebuilt: str
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Whether the index that lived through the kills says what a new one says."""
        return self.live == self.rebuilt and self.entries > 0


def run_index_kills(folder: Path, *, seed: int, kills: int, tasks: int = TASKS) -> IndexOutcome:
    """The outcome of that many kills of the process that records and indexes."""
    dice = random.Random(seed)
    began = time.monotonic()
    events = max(1_000, kills * EVENTS_PER_KILL)
    rate = events / max(1.0, kills * sum(LIFE_SECONDS) / 2)
    cast = Cast(
        recorders=1, partitions=2, producers=PRODUCERS, events=events, tasks=tasks, rate=rate
    )
    with TheStage(folder, cast) as stage:
        stage.start()
        for _ in range(kills):
            time.sleep(dice.uniform(*LIFE_SECONDS))
            stage.recorders[0].kill()
            stage.recorders[0].start()
        stage.wait_for_service()
        stage.finish()
    return _compare(stage.root, kills, began)


def _compare(root: Path, kills: int, began: float) -> IndexOutcome:
    live = digest_of(root)
    status = json.loads(_ask(root, "index", "status", "--json"))
    _ask(root, "index", "rebuild")
    rebuilt = digest_of(root)
    took = time.monotonic() - began
    return IndexOutcome(kills, status["trails"], status["entries"], live, rebuilt, took)


def digest_of(root: Path) -> str:
    """What the commands answer about that root, as one number."""
    asked = [[*one, "--json", "--data", str(root)] for one in _questions(root)]
    return hashlib.sha256(_answer(python("tasktrail.chaos.asked", json.dumps(asked)))).hexdigest()


def _questions(root: Path) -> Iterator[tuple[str, ...]]:
    yield ("tasks", "--limit", MANY)
    for directory in sorted((root / "tasks").iterdir()):
        yield ("task", directory.name)
        yield ("log", directory.name, "-n", MANY)
        yield ("log", directory.name, "-n", MANY, "--min-level", "warning", "--stage", "stage-1")


def _ask(root: Path, *arguments: str) -> bytes:
    return _answer(tasktrail(*arguments, "--data", str(root)))


def _answer(command: list[str]) -> bytes:
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise ChaosFailed(f"{' '.join(command)[:200]}: {done.stderr.decode()[-500:]}")
    return done.stdout
