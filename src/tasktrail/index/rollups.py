"""Counts of a trail's entries, kept as they are indexed, so that no count reads entries."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tasktrail.index.entries import Counted
from tasktrail.model.levels import LEVELS


def stats_of(kinds: Iterable[Counted]) -> dict[str, object]:
    """How many entries of which level, source and stage; entries without a stage count in none."""
    levels, sources, stages = Counter[str](), Counter[str](), Counter[str]()
    for _, kind, entries in kinds:
        levels[kind.level] += entries
        sources[kind.source] += entries
        if kind.stage:
            stages[kind.stage] += entries
    return {
        "total": sum(levels.values()),
        "by_level": {level: levels[level] for level in LEVELS if level in levels},
        "by_source": dict(sorted(sources.items())),
        "by_stage": dict(sorted(stages.items())),
    }


def sources_of(kinds: Iterable[Counted]) -> list[str]:
    """Every source of a trail's entries, once."""
    return sorted({one.kind.source for one in kinds})


class RollupBatch:
    """What a transaction adds to the counts."""

    def __init__(self) -> None:
        self._added = Counter[tuple[int, int]]()

    def add(self, trail: int, kind: int) -> None:
        """One more entry of that kind."""
        self._added[trail, kind] += 1

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """What to add to which count; the batch is empty afterwards."""
        added, self._added = self._added, Counter()
        for (trail, kind), entries in added.items():
            yield trail, kind, entries
