"""Entries in the index: what they are, whom they belong to and where they stand. No text of theirs.

A *kind* is what an entry is (channel, level, source, stage, event type), a *label* whom it belongs
to (worker, job, item, execution, session). Both are dictionaries, so an entry is eight integers.
Which kinds a filter lets through is decided by the one definition in model/filters.py.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from tasktrail.index.database import Queries
from tasktrail.model.filters import IDS, MAX_SEQ, EntryFilter, fits
from tasktrail.model.levels import RANKS

TROUBLE: Final = frozenset(level for level, rank in RANKS.items() if rank >= RANKS["warning"])


class Kind(NamedTuple):
    """What an entry is; `stage` is "" where none was said."""

    channel: str
    level: str
    source: str
    stage: str
    event_type: str


class Counted(NamedTuple):
    """A kind of entry of one trail, its number, and how many there are."""

    number: int
    kind: Kind
    entries: int


class Pointer(NamedTuple):
    """Where an entry's line stands."""

    seq: int
    channel: str
    offset: int
    length: int


class Span(NamedTuple):
    """A stretch of a trail, both ends excluded, and how much of what matches in it is wanted."""

    after: int = -1
    before: int = MAX_SEQ
    limit: int = -1  # all
    offset: int = 0


class Candidates(Struct, frozen=True):
    """What a filter means in one trail: which rows of the index it lets through."""

    channels: dict[int, str]  # of the trail's kinds
    values: dict[str, object]
    is_trouble: bool  # only warnings and worse
    known_total: int | None  # how many there are, where the counts already tell

    def total(self, queries: Queries) -> int:
        """How many entries match, wherever they are."""
        if self.known_total is not None:
            return self.known_total
        return self.count(queries, Span())

    def count(self, queries: Queries, span: Span) -> int:
        """How many entries match between the two ends."""
        if self.known_total == 0:
            return 0
        bounds = {"after": span.after, "before": span.before}
        ((count,),) = queries.query(self._form("count"), **self.values, **bounds)
        return int(count)

    def pointers(self, queries: Queries, way: str, span: Span) -> list[Pointer]:
        """The entries of the span, `up` from the oldest or `down` from the newest."""
        if self.known_total == 0:
            return []
        rows = queries.query(self._form(way), **self.values, **span._asdict())
        return [Pointer(seq, self.channels[kind], *place) for seq, kind, *place in rows]

    def _form(self, way: str) -> str:
        return ("trouble_" if self.is_trouble else "pointers_") + way


def last_pointer(queries: Queries, trail: int) -> Pointer | None:
    """The latest entry of a trail."""
    for row in queries.query("last_pointer", trail=trail):
        return Pointer(*row)
    return None


def kinds_of(queries: Queries, trail: int) -> list[Counted]:
    """The kinds of entry that a trail has."""
    return [
        Counted(number, Kind(*words), entries)
        for number, *words, entries in queries.query("rollups_of", trail=trail)
    ]


def candidates_of(queries: Queries, trail: int, wanted: EntryFilter) -> Candidates:
    """What the filter means in the trail; its `search` is for whoever reads the lines."""
    kinds = kinds_of(queries, trail)
    chosen = [one for one in kinds if _lets_through(wanted, one.kind)]
    labels = _labels(queries, trail, wanted)
    values: dict[str, object] = {
        "trail": trail,
        "since": -MAX_SEQ if wanted.since is None else wanted.since,
        "until": MAX_SEQ if wanted.until is None else wanted.until,
        "kinds": None if len(chosen) == len(kinds) else _json(one.number for one in chosen),
        "labels": labels,
    }
    timeless = wanted.since is None and wanted.until is None and labels is None
    return Candidates(
        {one.number: one.kind.channel for one in chosen},
        values,
        bool(chosen) and all(one.kind.level in TROUBLE for one in chosen),
        sum(one.entries for one in chosen) if timeless or not chosen else None,
    )


def _lets_through(wanted: EntryFilter, kind: Kind) -> bool:
    only = EntryFilter(
        level=wanted.level,
        min_level=wanted.min_level,
        source=wanted.source,
        stage=wanted.stage,
        channel=wanted.channel,
        event_type=wanted.event_type,
    )
    return fits(only, kind._asdict() | {"seq": 0})


def _labels(queries: Queries, trail: int, wanted: EntryFilter) -> str | None:
    """The labels that the filter lets through; `None` when it asks for none."""
    asked = {name: getattr(wanted, name) for name in IDS}
    if not any(said is not None for said in asked.values()):
        return None
    return _json(label for (label,) in queries.query("labels_of", trail=trail, **asked))


def _json(numbers: Iterable[int]) -> str:
    return msgspec.json.encode(list(numbers)).decode()
