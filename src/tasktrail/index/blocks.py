"""Sums of a trail's full blocks of 1,024 seqs by kind, with the times of their entries.

What is asked over time is answered by a sum where it lies within one stretch of time, and by the
times where it does not: no entry is read for it. A trail of fewer entries has no block.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import gt
from typing import Final, NamedTuple

from tasktrail.index.database import Writing

BLOCK_ENTRIES: Final = 1_024  # queries.sql says it too
SHORT, LONG, PLACE = "I", "q", "H"  # how distances in time and in seqs are kept
SHORT_BYTES: Final = array(SHORT).itemsize
MOST_SHORT: Final = (1 << 8 * SHORT_BYTES) - 1

Counts = tuple[int, int, int, int, int]  # stretch, the level's rank, how many, first seq, last seq
Sum = tuple[int, int, int, int, bytes, bytes]  # block, level, entries, least time, times, places


class Place(NamedTuple):
    """Where entries of one kind are counted."""

    block: int
    kind: int
    level: int  # the rank


class Stretches(NamedTuple):
    """Equal stretches of time, and between which moments entries count."""

    start: int
    width: int
    since: int
    until: int


class BlockBatch:
    """What a transaction adds to the blocks; trails come one after another."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._pieces: dict[Place, tuple[list[int], list[int]]] = {}  # seqs and times
        self._sums: list[tuple[int, ...]] = []
        self._times: list[tuple[int | bytes, ...]] = []

    def add(self, place: Place, seqs: Sequence[int], times: Sequence[int]) -> None:
        """More entries of the present trail."""
        known_seqs, known_times = self._pieces.setdefault(place, ([], []))
        known_seqs += seqs
        known_times += times

    def close(self, trail: int, *, before: int, as_of: int) -> None:
        """The present trail was read up to `before`, and is now up to `as_of`.

        Blocks that are full are kept; what others have is found in the entries when they are.
        """
        first, behind = before // BLOCK_ENTRIES, as_of // BLOCK_ENTRIES
        if first < behind:
            start = first * BLOCK_ENTRIES
            rows = self._writing.query("entries_between", trail=trail, first=start, last=before)
            known: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
            for kind, level, seq, at in rows:
                seqs, times = known.setdefault((kind, level), ([], []))
                seqs.append(seq)
                times.append(at)
            for names, (seqs, times) in known.items():
                self._put_before(Place(first, *names), seqs, times)
        for place, (seqs, times) in self._pieces.items():
            if place.block < behind:
                self._keep(trail, place, seqs, times)
        self._pieces.clear()

    def _put_before(self, place: Place, seqs: list[int], times: list[int]) -> None:
        more_seqs, more_times = self._pieces.get(place, ((), ()))
        self._pieces[place] = [*seqs, *more_seqs], [*times, *more_times]

    def flush(self) -> None:
        """What is full is in the database, though not yet committed."""
        self._writing.insert("add_blocks", self._sums)
        self._writing.insert("add_block_times", self._times)
        self._sums, self._times = [], []

    def _keep(self, trail: int, place: Place, seqs: Sequence[int], times: Sequence[int]) -> None:
        if any(map(gt, times, islice(times, 1, None))) or any(map(gt, seqs, islice(seqs, 1, None))):
            in_time = sorted(zip(times, seqs, strict=True))
            times, seqs = [at for at, _ in in_time], [seq for _, seq in in_time]
        least, most = times[0], times[-1]
        ends = min(seqs), max(seqs)
        self._sums.append((trail, *place, len(seqs), *ends, least, most))
        code = SHORT if most - least <= MOST_SHORT else LONG
        ats = array(code, [at - least for at in times])
        start = place.block * BLOCK_ENTRIES
        places = array(PLACE, [seq - start for seq in seqs])
        self._times.append((trail, place.block, place.kind, ats.tobytes(), places.tobytes()))


def divided(sums: Iterable[Sum], asked: Stretches) -> list[Counts]:
    """What sums that lie in more than one stretch of time have in each of them."""
    found: dict[tuple[int, int], list[int]] = {}
    for block, level, entries, least, times, places in sums:
        ats = array(SHORT if len(times) == entries * SHORT_BYTES else LONG, times)
        seqs, start = array(PLACE, places), block * BLOCK_ENTRIES
        for stretch, begin, end in _parts(ats, least, asked):
            part = seqs[begin:end]
            first, last = start + min(part), start + max(part)
            known = found.get((stretch, level))
            if known is None:
                found[stretch, level] = [end - begin, first, last]
            else:
                known[:] = known[0] + end - begin, min(known[1], first), max(known[2], last)
    return [
        (stretch, level, entries, first, last)
        for (stretch, level), (entries, first, last) in found.items()
    ]


def _parts(ats: Sequence[int], least: int, asked: Stretches) -> Iterator[tuple[int, int, int]]:
    """Which of the times lie in which stretch: the first, and behind the last."""
    begin = bisect_left(ats, asked.since - least)
    end = bisect_left(ats, asked.until - least)
    while begin < end:
        stretch = (least + ats[begin] - asked.start) // asked.width
        behind = asked.start + (stretch + 1) * asked.width - least
        upto = bisect_left(ats, behind, begin, end)
        yield stretch, begin, upto
        begin = upto
