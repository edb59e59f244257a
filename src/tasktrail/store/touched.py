"""Which trails each batch touched: what the indexer and other processes follow.

    {"pos":<checkpoint after the batch>,"trails":[["tasks","gh-1",<last seq>],…]}

The owner appends a batch's line before it moves the checkpoint, so a reader uses only lines up to
the checkpoint. A file begins with a line that names no trail: everything after its `pos` is told.
Above a size the journal starts anew and the one before the present one is kept; a reader whom that
does not reach walks the catalog instead.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.model.ids import TrailKey
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.files import open_to_read, replace_file
from tasktrail.store.journal import Journal
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_lines, iter_tail

ROTATE_BYTES: Final = 8 << 20
ATTEMPTS: Final = (
    3  # how often a reader that met a rotation looks again before it walks the catalog
)


class Touched(Struct, frozen=True):
    """One batch: the checkpoint's place after it, and the last `seq` of each trail it touched."""

    pos: int
    trails: list[tuple[str, str, int]] = []

    def heads(self) -> dict[TrailKey, int]:
        """The trails with their last `seq`."""
        return {TrailKey(family, name): seq for family, name, seq in self.trails}


_DECODER: Final = msgspec.json.Decoder(Touched)


class TouchedJournal:
    """The owner's side: lines of batches whose checkpoint never came are cut at the start."""

    def __init__(self, layout: Layout, p: int, *, rotate_bytes: int = ROTATE_BYTES) -> None:
        checkpoint = read_checkpoint(layout, p)
        self._pos = checkpoint.pos if checkpoint else 0
        self._path, self._before = layout.touched(p), layout.touched_before(p)
        self._rotate_bytes = rotate_bytes
        self._journal = Journal.open(self._path, keep=_is_up_to(self._pos))
        self._begin()

    def append(self, pos: int, trails: Mapping[TrailKey, int]) -> None:
        """The batch's line, synced; call it before the checkpoint moves to `pos`.

        A batch that touched no trail needs no line.
        """
        if not trails:
            return
        if self._journal.size > self._rotate_bytes:
            self._rotate()
        listed = [(key.family, key.id, seq) for key, seq in trails.items()]
        self._journal.append(_line(Touched(pos, listed)))
        self._pos = pos

    def close(self) -> None:
        """The journal is closed."""
        self._journal.close()

    def _begin(self) -> None:
        if self._journal.size == 0:
            self._journal.append(_line(Touched(self._pos)))

    def _rotate(self) -> None:
        self._journal.close()
        replace_file(self._path, self._before)
        self._journal = Journal.open(self._path, keep=None)
        self._begin()


def _line(touched: Touched) -> bytes:
    return msgspec.json.encode(touched) + b"\n"


def _parse(line: bytes) -> Touched | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _is_up_to(pos: int) -> Callable[[bytes], bool]:
    def keep(line: bytes) -> bool:
        touched = _parse(line)
        return touched is not None and touched.pos <= pos

    return keep


def read_touched(layout: Layout, p: int, *, after: int) -> list[Touched] | None:
    """The batches after that checkpoint, oldest first; use those up to the present checkpoint.

    `None` when the journal does not reach back that far, or is damaged: walk the catalog instead.
    Costs as much as was written since, not as much as the journal holds.
    """
    for _ in range(ATTEMPTS):
        found, reach = _read_back(layout.touched(p), after)
        if reach is None or reach <= after:
            return None if reach is None else found
        earlier, reach_before = _read_back(layout.touched_before(p), after)
        if reach_before is None or reach_before > after:
            return None
        if not _follows(reach, earlier, after):
            continue  # the journal was started anew between the two readings
        return list(chain(earlier, found))
    return None


def iter_touched(layout: Layout, p: int) -> Iterator[Touched]:
    """Every batch that is still written down, oldest first."""
    for path in (layout.touched_before(p), layout.touched(p)):
        for _, line in iter_lines(path):
            touched = _parse(line)
            if touched is not None:
                yield touched


def _follows(reach: int, earlier: list[Touched], after: int) -> bool:
    """Whether the present journal begins where the one before it ends."""
    return reach == (earlier[-1].pos if earlier else after)


def _read_back(path: Path, after: int) -> tuple[list[Touched], int | None]:
    """The file's batches after that place, and how far back they reach without a break."""
    found: list[Touched] = []
    try:
        fd = open_to_read(path)
    except FileNotFoundError:
        return found, None
    try:
        for offset, line in iter_tail(fd, os.fstat(fd).st_size):
            touched = _parse(line)
            if touched is None:
                return found, None
            if touched.pos <= after or offset == 0:
                return found[::-1], touched.pos
            found.append(touched)
    finally:
        os.close(fd)
    return found, None
