"""Counts of a trail's entries, kept as they are indexed, so that no count reads entries."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tasktrail.index.entries import Counted
from tasktrail.model.levels import LEVELS

Rollup = list[int]  # entries, first seq, last seq, first at, last at


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

    def add(self, pair: tuple[int, int, int], seq: int, at: int) -> None:
        """One more entry of a trail's kind and label, behind those that it has."""
        known = self._added.get(pair)
        if known is None:
            self._added[pair] = [1, seq, seq, at, at]
        else:
            known[0] += 1
            known[2] = seq
            known[4] = at

    def rows(self) -> Iterator[tuple[int, ...]]:
        """What to add to which count; the batch is empty afterwards."""
        added, self._added = self._added, {}
        for pair, rollup in added.items():
            yield *pair, *rollup
