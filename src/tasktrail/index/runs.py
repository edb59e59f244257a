"""Lines of a trail that are read together, column by column.

Most of what is done with many lines is done with one column of them at once. A line itself is cut
out of the bytes that were read only where somebody asks for it.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from msgspec import Struct, field
from msgspec.structs import astuple

from tasktrail.index.peek import Glimpse, Words, quick_time


class Says(Struct, frozen=True, gc=False, cache_hash=True):
    """In which channel lines stand, and what they say of themselves."""

    channel: int  # its number
    words: Words


class Text(Struct, frozen=True, gc=False):
    """Bytes of a channel, and where they stand."""

    start: int
    block: bytes

    def cut(self, offset: int, length: int) -> bytes:
        """The bytes at that place of the channel."""
        at = offset - self.start
        return self.block[at : at + length]


class Run(Struct, gc=False):
    """Lines, by the columns of what is known of them; their order is that of `seq`."""

    seqs: list[int] = field(default_factory=list)
    poss: list[int] = field(default_factory=list)
    ats: list[int] = field(default_factory=list)
    recorded: list[int | str] = field(default_factory=list)  # a time, or the text of one
    says: list[Says] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)  # without line ends
    damaged: list[int] = field(default_factory=list)  # unreadable ones before, in the channel
    texts: list[Text] = field(default_factory=list)

    def __len__(self) -> int:
        """How many lines."""
        return len(self.seqs)

    def line(self, number: int) -> bytes:
        """One line, without its line end."""
        return self.texts[number].cut(self.offsets[number], self.lengths[number])

    def recorded_at(self, number: int) -> int:
        """When it was accepted, in µs since the epoch."""
        known = self.recorded[number]
        return known if isinstance(known, int) else quick_time(known) or 0

    def glimpse(self, number: int) -> Glimpse:
        """What a look at it gives."""
        return Glimpse(
            self.seqs[number],
            self.poss[number],
            self.ats[number],
            self.recorded_at(number),
            self.says[number].words,
        )

    def ends(self) -> dict[int, int]:
        """Where the next line begins in each channel, by the channel's number."""
        channels = [one.channel for one in self.says]
        last = dict(zip(channels, range(len(channels)), strict=True))
        return {one: self.offsets[at] + self.lengths[at] + 1 for one, at in last.items()}

    def part(self, start: int, end: int) -> "Run":
        """Those between the two numbers."""
        if start == 0 and end >= len(self.seqs):
            return self
        return Run(*(column[start:end] for column in astuple(self)))

    def chosen(self, numbers: Sequence[int]) -> "Run":
        """Those of the numbers, in their order."""
        return Run(*([column[at] for at in numbers] for column in astuple(self)))

    def in_order(self) -> "Run":
        """The same by `seq`; what has the same stays as it was."""
        return self.chosen(sorted(range(len(self.seqs)), key=self.seqs.__getitem__))


def joined(runs: Sequence[Run]) -> Run:
    """The lines of all of them, one after the other."""
    if len(runs) == 1:
        return runs[0]
    return Run(*(_chained(columns) for columns in zip(*map(astuple, runs), strict=True)))


def _chained(columns: Iterable[list[Any]]) -> list[Any]:
    return list(chain.from_iterable(columns))
