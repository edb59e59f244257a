"""Search among candidates: which of their lines hold a text in their message, whatever its case.

The index says where the candidates stand; their bytes are read in blocks, and most lines are ruled
out in one pass over a block. Where nearly every line is a candidate, `text_scan` is quicker.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tasktrail.index.entries import Pointer
from tasktrail.model.ids import TrailKey
from tasktrail.query.needle import Needle
from tasktrail.store.layout import Layout
from tasktrail.store.scan import read_ranges

RUN_BYTES: Final = 1 << 20  # how much is scanned at once, unless one line is longer
BLOCK_BYTES: Final = 8 << 20  # how much is held at once


class Run(NamedTuple):
    """Candidates whose lines stand one after the other."""

    channel: str
    start: int
    pointers: list[Pointer]

    @property
    def end(self) -> int:
        """Where the last line ends."""
        last = self.pointers[-1]
        return last.offset + last.length


def hits_among(
    layout: Layout, key: TrailKey, pointers: Sequence[Pointer], needle: Needle
) -> list[Pointer]:
    """The candidates whose message holds the text, in the order of the candidates."""
    hits: set[int] = set()
    for block in _blocks(_runs(pointers)):
        ranges = [(run.channel, run.start, run.end - run.start) for run in block]
        for run, found in zip(block, read_ranges(layout, key, ranges), strict=True):
            if found is not None:
                hits.update(_hits_in(found, run, key, needle))
    return [pointer for pointer in pointers if pointer.seq in hits]


def suspects(block: bytes, starts: Sequence[int], needle: Needle) -> Iterator[int]:
    """Which of the lines that begin at these places of the block may hold the text."""
    if needle.pattern is None:
        return iter(range(len(starts)))
    places = needle.pattern.places(block.lower())
    return iter(sorted({bisect_right(starts, at) - 1 for at in places}))


def _hits_in(block: bytes, run: Run, key: TrailKey, needle: Needle) -> Iterator[int]:
    starts = [pointer.offset - run.start for pointer in run.pointers]
    for number in suspects(block, starts, needle):
        pointer, start = run.pointers[number], starts[number]
        if needle.is_in(block[start : start + pointer.length], run.channel, key):
            yield pointer.seq


def _runs(pointers: Sequence[Pointer]) -> Iterator[Run]:
    """The candidates grouped by where they stand."""
    run: Run | None = None
    for pointer in sorted(pointers, key=lambda one: (one.channel, one.offset)):
        if run and (
            pointer.channel != run.channel
            or pointer.offset != run.end + 1
            or pointer.offset + pointer.length - run.start > RUN_BYTES
        ):
            yield run
            run = None
        if run is None:
            run = Run(pointer.channel, pointer.offset, [])
        run.pointers.append(pointer)
    if run:
        yield run


def _blocks(runs: Iterator[Run]) -> Iterator[list[Run]]:
    """The runs in groups that are read together."""
    block: list[Run] = []
    held = 0
    for run in runs:
        size = run.end - run.start
        if block and held + size > BLOCK_BYTES:
            yield block
            block, held = [], 0
        block.append(run)
        held += size
    if block:
        yield block
