"""How many entries lie in which stretch of time, by level."""

from collections.abc import Iterable
from typing import Final

from tasktrail.errors import InvalidFilter
from tasktrail.model.filters import EntryFilter
from tasktrail.model.levels import LEVELS, RANKS
from tasktrail.model.times import utc_text
from tasktrail.query.rows import Row
from tasktrail.query.text_pages import Hits
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout

MOST_BUCKETS: Final = 1_000
MILLISECOND: Final = 1_000  # µs: buckets begin at whole ones
LEVEL_OF: Final = {rank: level for level, rank in RANKS.items()}

Counts = Iterable[tuple[int, ...]]  # stretch, the level's rank, how many, first seq, last seq


def histogram_of(layout: Layout, view: TrailView, wanted: EntryFilter, buckets: int) -> Row:
    """`total_count`, `since`, `until`, `bucket_ms` and the `buckets`, at most so many.

    Every stretch between the first entry and the last has its bucket, also an empty one.
    """
    if not 1 <= buckets <= MOST_BUCKETS:
        raise InvalidFilter(f"buckets: expected 1 to {MOST_BUCKETS}, found {buckets}")
    if wanted.has_text:
        found = Hits(layout, view, wanted)
        hits = [(hit.glimpse.at, RANKS[hit.glimpse.words.level], hit.seq) for hit in found]
        total = len(hits)
        first, last = (
            min((at for at, *_ in hits), default=0),
            max((at for at, *_ in hits), default=0),
        )
    else:
        selection = view.select(wanted)
        total, first, last = selection.times()
    if not total:
        return {"total_count": 0, "since": None, "until": None, "bucket_ms": None, "buckets": []}
    start = first // MILLISECOND * MILLISECOND
    width = -(-(last - start + 1) // (buckets * MILLISECOND)) * MILLISECOND
    if wanted.has_text:
        counts: Counts = (((at - start) // width, rank, 1, seq, seq) for at, rank, seq in hits)
    else:
        counts = selection.histogram(start, width)
    return {
        "total_count": total,
        "since": utc_text(first),
        "until": utc_text(last),
        "bucket_ms": width // MILLISECOND,
        "buckets": _buckets(counts, start, width, (last - start) // width + 1),
        **({"is_partial": True} if wanted.has_text and found.is_partial else {}),
    }


def _buckets(counts: Counts, start: int, width: int, number: int) -> list[Row]:
    rows: list[Row] = [
        {
            "at": utc_text(start + width * at),
            "total": 0,
            "by_level": {},
            "first_seq": None,
            "last_seq": None,
        }
        for at in range(number)
    ]
    for at, rank, entries, first, last in counts:
        row, level = rows[at], LEVEL_OF[rank]
        row["total"] += entries
        row["by_level"][level] = row["by_level"].get(level, 0) + entries
        row["first_seq"] = first if row["first_seq"] is None else min(first, row["first_seq"])
        row["last_seq"] = last if row["last_seq"] is None else max(last, row["last_seq"])
    for row in rows:
        said = row["by_level"]
        row["by_level"] = {level: said[level] for level in LEVELS if level in said}
    return rows
