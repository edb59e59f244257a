"""Counts of a trail's entries, kept as they are indexed, so that no count reads entries."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tasktrail.index.entries import Counted
from tasktrail.model.levels import LEVELS

Ends = tuple[int, int]  # of the first entry and of the last
Rollup = list[int]  # entries, first seq, last seq, first at, last at, least at, most at


def stats_of(kinds: Iterable[Counted]) -> dict[str, object]:
    """How many entries of which level, source and so on; those without a stage count in none."""
    counted = {name: Counter[str]() for name in ("level", "source", "stage", "channel", "type")}
    for one in kinds:
        counted["level"][one.kind.level] += one.entries
        counted["source"][one.kind.source] += one.entries
        counted["channel"][one.kind.channel] += one.entries
        counted["type"][one.kind.event_type] += one.entries
        if one.kind.stage:
            counted["stage"][one.kind.stage] += one.entries
    levels = counted["level"]
    return {
        "total": sum(levels.values()),
        "by_level": {level: levels[level] for level in LEVELS if level in levels},
        "by_source": dict(sorted(counted["source"].items())),
        "by_stage": dict(sorted(counted["stage"].items())),
        "by_channel": dict(sorted(counted["channel"].items())),
        "by_event_type": dict(sorted(counted["type"].items())),
    }


def sources_of(kinds: Iterable[Counted]) -> list[str]:
    """Every source of a trail's entries, once."""
    return sorted({one.kind.source for one in kinds})


class RollupBatch:
    """What a transaction adds to the counts."""

    def __init__(self) -> None:
        self._added: dict[tuple[int, int, int], Rollup] = {}

    def add(self, pair: tuple[int, int, int], seqs: Ends, times: Sequence[int]) -> None:
        """More entries of a trail's kind and label with these times, in their order.

        Those of one run may come after one another in any order.
        """
        least, most = min(times), max(times)
        known = self._added.get(pair)
        if known is None:
            self._added[pair] = [len(times), *seqs, times[0], times[-1], least, most]
        else:
            known[0] += len(times)
            if seqs[0] < known[1]:
                known[1], known[3] = seqs[0], times[0]
            if seqs[1] > known[2]:
                known[2], known[4] = seqs[1], times[-1]
            known[5] = min(known[5], least)
            known[6] = max(known[6], most)

    def rows(self) -> Iterator[tuple[int, ...]]:
        """What to add to which count; the batch is empty afterwards."""
        added, self._added = self._added, {}
        for pair, rollup in added.items():
            yield *pair, *rollup
