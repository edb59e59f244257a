"""A producer's ledger: what it tried to send, and what was accepted. One line per batch.

    try <first> <last>
    got <first> <last> <seconds since the epoch> <Redis ids, separated by commas>

`got` is written after the door has answered. The ledger stands on a disk that nobody breaks, and is
written straight to the system, so it survives the kill of its producer.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field


class Batch(NamedTuple):
    """Events with neighbouring numbers, sent together."""

    first: int
    last: int

    @property
    def numbers(self) -> range:
        """The numbers of its events."""
        return range(self.first, self.last + 1)


class Accepted(NamedTuple):
    """A batch that a door accepted, and under which ids its Redis entries stand."""

    batch: Batch
    at: float
    ids: tuple[str, ...]


class Story(Struct):
    """A ledger, read."""

    tried: list[Batch] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)

    @property
    def next_number(self) -> int:
        """The number of the first event that was never tried."""
        return max((batch.last + 1 for batch in self.tried), default=0)

    def open_batches(self) -> list[Batch]:
        """What was tried and not accepted, in the order of trying."""
        accepted = {one.batch for one in self.accepted}
        return [batch for batch in dict.fromkeys(self.tried) if batch not in accepted]


class Ledger:
    """A ledger that is being written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)  # not by `os`, whose calls a run may break

    def note_try(self, batch: Batch) -> None:
        """The batch is about to be sent."""
        self._append(f"try {batch.first} {batch.last}\n")

    def note_accepted(self, batch: Batch, ids: list[str]) -> None:
        """The door has accepted it."""
        self._append(f"got {batch.first} {batch.last} {time.time():.3f} {','.join(ids)}\n")

    def _append(self, line: str) -> None:
        self._file.write(line.encode())

    def close(self) -> None:
        """Nothing more is written."""
        self._file.close()


def read_ledger(path: Path) -> Story:
    """What the ledger says; an unfinished last line says nothing."""
    story = Story()
    for words in _lines(path):
        batch = Batch(int(words[1]), int(words[2]))
        if words[0] == "try":
            story.tried.append(batch)
        else:
            ids = tuple(words[4].split(",")) if words[4] else ()
            story.accepted.append(Accepted(batch, float(words[3]), ids))
    return story


def _lines(path: Path) -> Iterator[list[str]]:
    text = path.read_text(encoding="ascii") if path.exists() else ""
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            yield line[:-1].split(" ")
