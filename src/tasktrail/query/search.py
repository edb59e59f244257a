"""Search among candidates: which of their lines hold a text in their message, whatever its case.

The index says where the candidates stand; their bytes are read in blocks, and most lines are ruled
out in one pass over a block. Where nearly every line is a candidate, `text_scan` is quicker.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from tasktrail.index.entries import Pointer
from tasktrail.model.ids import TrailKey
from tasktrail.query.needle import Needle
from tasktrail.store.byte_search import Pattern
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


def suspects(block: bytes, starts: Sequence[int], pattern: Pattern | None) -> Collection[int]:
    """Which of the lines that begin at these places of the block the pattern is found in."""
    if pattern is None:
        return range(len(starts))
    return {bisect_right(starts, at) - 1 for at in pattern.places(block.lower())}


def _hits_in(block: bytes, run: Run, key: TrailKey, needle: Needle) -> Iterator[int]:
    starts = [pointer.offset - run.start for pointer in run.pointers]
    found = suspects(block, starts, needle.denied or needle.pattern)
    for number, pointer in enumerate(run.pointers):
        start, is_suspect = starts[number], number in found
        if (not is_suspect and needle.denied) or (
            is_suspect and needle.is_in(block[start : start + pointer.length], run.channel, key)
        ):
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
