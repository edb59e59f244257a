"""Search: which candidate lines hold a text in their message, whatever its case.

The index says where the candidates stand; their bytes are read in blocks and most lines are ruled
out in one pass over a block. A line that may hold the text is decoded, and its message decides.
Ruled out are only lines that cannot: none whose letters are written as escapes, and none with one
of the few letters that fold to ASCII.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tasktrail.errors import TornEntry
from tasktrail.index.entries import Pointer
from tasktrail.index.peek import UNVIEWABLE, message_in
from tasktrail.model.ids import TrailKey
from tasktrail.store.layout import Layout
from tasktrail.store.scan import read_ranges

RUN_BYTES: Final = 1 << 20  # how much is scanned at once, unless one line is longer
BLOCK_BYTES: Final = 8 << 20  # how much is held at once
FOLD_TO_ASCII: Final = tuple(
    map(
        chr,
        [
            *(0xDF, 0x130, 0x149, 0x17F, 0x1F0),
            *range(0x1E96, 0x1E9B),
            *(0x1E9E, 0x212A),
            *range(0xFB00, 0xFB07),
        ],
    )
)
PLAIN: Final = re.compile(r"[!#-.0-;=?-\[\]-~]+")  # what JSON writes as it is: no \" \\ / < > space
ESCAPED_ASCII: Final = r"00[2-7][0-9a-f]"
SPECIAL: Final = re.compile(
    b"|".join(
        [
            rb"\\u(?:%b)"
            % "|".join([ESCAPED_ASCII, *(f"{ord(one):04x}" for one in FOLD_TO_ASCII)]).encode(),
            *(one.encode() for one in FOLD_TO_ASCII),
        ]
    )
)


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


class Needle:
    """A text that is searched for."""

    def __init__(self, text: str) -> None:
        self._folded = text.casefold()
        plain = max(PLAIN.findall(self._folded), key=len, default="")
        self._plain = plain.encode()

    def is_in(self, line: bytes, channel: str, key: TrailKey) -> bool:
        """Whether the line's message holds the text."""
        try:
            return self._folded in message_in(line, channel, key).casefold()
        except (TornEntry, *UNVIEWABLE):
            return False

    def suspects(self, block: bytes, starts: Sequence[int]) -> Iterator[int]:
        """Which of the lines that begin at these places of the block may hold the text."""
        if not self._plain:
            yield from range(len(starts))
            return
        lowered = block.lower()
        found = {bisect_right(starts, at) - 1 for at in self._special_places(lowered)}
        at = lowered.find(self._plain)
        while at >= 0:
            number = bisect_right(starts, at) - 1
            found.add(number)
            if number + 1 == len(starts):
                break
            at = lowered.find(self._plain, starts[number + 1])
        yield from sorted(found)

    @staticmethod
    def _special_places(lowered: bytes) -> Iterator[int]:
        if not lowered.isascii() or b"\\u" in lowered:
            yield from (match.start() for match in SPECIAL.finditer(lowered))


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


def _hits_in(block: bytes, run: Run, key: TrailKey, needle: Needle) -> Iterator[int]:
    starts = [pointer.offset - run.start for pointer in run.pointers]
    for number in needle.suspects(block, starts):
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
