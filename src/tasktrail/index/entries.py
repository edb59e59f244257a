"""Entries in the index: what they are, whom they belong to and where they stand. No text of theirs.

A *kind* is what an entry is (channel, level, source, stage, event type), a *label* whom it belongs
to (worker, job, item, execution, session). Both are dictionaries, so an entry is eight integers.
Which kinds and labels a filter lets through is decided by the one definition of filters; a trail's
rollups say how many entries each pair of them has, so most counts read no entry at all.
"""

from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.index.blocks import Stretches, divided
from tasktrail.index.database import Queries, as_list
from tasktrail.model.entry_filter import IDS, EntryFilter, fits_names
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.levels import RANKS

TROUBLE: Final = frozenset(level for level, rank in RANKS.items() if rank >= RANKS["warning"])
PAIR: Final = 1 << 32  # a kind and a label as one number: kind * this + label


class Kind(NamedTuple):
    """What an entry is; `stage` is "" where none was said."""

    channel: str
    level: str
    source: str
    stage: str
    event_type: str


class Whom(NamedTuple):
    """Whom an entry belongs to besides its trail; "" where nothing was said."""

    worker_id: str = ""
    job_id: str = ""
    item: str = ""
    execution_id: str = ""
    session_id: str = ""


NOBODY: Final = Whom()


class Counted(NamedTuple):
    """Entries of one kind and label in one trail: how many, the first and the last."""

    number: int
    kind: Kind
    entries: int
    label: int = 0
    whom: Whom = NOBODY
    first_seq: int = 0
    last_seq: int = 0
    first_at: int = 0  # µs since the epoch: the first entry's own time
    last_at: int = 0

    def names(self) -> dict[str, str | None]:
        """What such entries are called, as an answered row has it."""
        said = self.kind._asdict() | self.whom._asdict()
        return {name: text or None for name, text in said.items()}


class Pointer(NamedTuple):
    """Where an entry's line stands."""

    seq: int
    channel: str
    offset: int
    length: int


Place = tuple[str, int, int]  # channel, offset, length


class Moment(NamedTuple):
    """When an entry was, in µs since the epoch, and what it is."""

    seq: int
    kind: Kind
    at: int


class Mark(NamedTuple):
    """What an entry is, whose, when in µs since the epoch, and where its line stands."""

    seq: int
    kind: Kind
    whom: Whom
    at: int
    place: Place


class Span(NamedTuple):
    """A stretch of a trail, both ends excluded, and how much of what matches in it is wanted."""

    after: int = -1
    before: int = MAX_SEQ
    limit: int = -1  # all
    offset: int = 0


Pick = Callable[[Counted], bool]


class Candidates(Struct, frozen=True):
    """What a filter means in one trail: which rows of the index it lets through."""

    channels: dict[int, str]  # of the kinds that match
    values: dict[str, object]
    since: int
    until: int
    bounds: Span  # the stretch in which all that match lie
    levels: tuple[int, ...]  # ranks, where only warnings and worse match; else none
    known_total: int | None  # how many there are, where the counts already tell
    is_stretch: bool  # only entries between two seqs match
    chosen: list[Counted]  # what matches, wherever it is and whenever it was

    def total(self, queries: Queries) -> int:
        """How many entries match, wherever they are."""
        if self.known_total is not None:
            return self.known_total
        return self.count(queries, Span())

    def count(self, queries: Queries, span: Span) -> int:
        """How many entries match between the two ends."""
        span = self._within(span)
        if self.known_total == 0 or span.before - span.after <= 1:
            return 0
        values = self.values | {"after": span.after, "before": span.before}
        if not self.levels:
            return int(queries.query("pointers_count", **values)[0][0])
        counts = (queries.query("trouble_count", level=one, **values) for one in self.levels)
        return sum(int(rows[0][0]) for rows in counts)

    def pointers(self, queries: Queries, way: str, span: Span) -> list[Pointer]:
        """The entries of the span, `up` from the oldest or `down` from the newest."""
        span = self._within(span)
        if self.known_total == 0 or span.before - span.after <= 1:
            return []
        if self.levels:
            rows = self._trouble(queries, way, span)
        else:
            rows = queries.query(f"pointers_{way}", **self.values, **span._asdict())
        return [Pointer(seq, self.channels[kind], *place) for seq, kind, *place in rows]

    def seqs(self, queries: Queries, span: Span) -> list[int]:
        """The seqs of the entries of the span, oldest first."""
        span = self._within(span)
        if self.known_total == 0 or span.before - span.after <= 1:
            return []
        rows = queries.query("seqs_up", **self.values, **span._asdict())
        return [int(row[0]) for row in rows]

    def moments(self, queries: Queries, span: Span) -> list[Moment]:
        """When the entries of the span were, oldest first."""
        span = self._within(span)
        if self.known_total == 0 or span.before - span.after <= 1:
            return []
        kinds = {one.number: one.kind for one in self.chosen}
        rows = queries.query("moments_up", **self.values, **span._asdict())
        return [Moment(seq, kinds[kind], at) for seq, kind, at in rows]

    def marks(self, queries: Queries, span: Span) -> list[Mark]:
        """The entries of the span, oldest first; of whom is known where a `pick` was given."""
        span = self._within(span)
        if self.known_total == 0 or span.before - span.after <= 1:
            return []
        kinds = {one.number: one.kind for one in self.chosen}
        whom = {one.label: one.whom for one in self.chosen}
        rows = queries.query("marks_up", **self.values, **span._asdict())
        return [
            Mark(seq, (said := kinds[kind]), whom[label], at, (said.channel, place, length))
            for seq, kind, label, at, place, length in rows
        ]

    def counted(self, queries: Queries) -> list[Counted]:
        """What the entries that match are, and how many of each."""
        if self.known_total is not None:
            return self.chosen
        by_number = {one.number: one for one in self.chosen}
        rows = queries.query("counts_by_kind", **self._everywhere())
        return [by_number[kind]._replace(entries=count) for kind, count in rows]

    def times(self, queries: Queries) -> tuple[int, int, int]:
        """How many entries match, and the first and last of their times, 0 where there are none."""
        if (blocks := self._by_blocks(queries)) is not None:
            ((count, first, last),) = queries.query("times_by_blocks", **blocks)
        else:
            ((count, first, last),) = queries.query("times_of", **self._everywhere())
        return int(count), first or 0, last or 0

    def histogram(self, queries: Queries, start: int, width: int) -> list[tuple[int, ...]]:
        """Per stretch of time and level's rank: how many entries, the first seq and the last."""
        asked = Stretches(start, width, self.since, self.until)
        if (blocks := self._by_blocks(queries)) is None:
            everywhere = {"start": start, "width": width, **self._everywhere()}
            return queries.query("histogram", **everywhere)
        behind = blocks.pop("behind")
        blocks |= {"start": start, "width": width}
        whole = queries.query("histogram_by_blocks", behind=behind, **blocks)
        parts = queries.query("divided_blocks", **blocks)
        return [*whole, *divided(parts, asked)]

    def _by_blocks(self, queries: Queries) -> dict[str, object] | None:
        """What blocks are asked with; `None` where they cannot tell, or there are none."""
        if self.values["pairs"] is not None or self.is_stretch:
            return None
        ((behind,),) = queries.query("full_blocks", trail=self.values["trail"])
        named = {name: self.values[name] for name in ("trail", "since", "until", "kinds")}
        return named | {"behind": behind} if behind else None

    def _everywhere(self) -> dict[str, object]:
        return self.values | {"after": self.bounds.after, "before": self.bounds.before}

    def _trouble(self, queries: Queries, way: str, span: Span) -> Sequence[tuple[int, ...]]:
        """The rows of each level, merged: each level has its own stretch of the index."""
        most = -1 if span.limit < 0 else span.limit + span.offset
        values = self.values | {"after": span.after, "before": span.before, "limit": most}
        found = [queries.query(f"trouble_{way}", level=one, **values) for one in self.levels]
        if len(found) == 1:
            rows: Iterable[tuple[int, ...]] = found[0]
        else:
            rows = merge(*found, key=lambda row: row[0], reverse=way == "down")
        end = None if span.limit < 0 else span.offset + span.limit
        return list(islice(rows, span.offset, end))

    def _within(self, span: Span) -> Span:
        after, before = max(span.after, self.bounds.after), min(span.before, self.bounds.before)
        return span._replace(after=after, before=before)


def last_pointers(queries: Queries, trails: Iterable[int]) -> dict[int, Pointer]:
    """The latest entry of each of the trails that has one."""
    rows = queries.query("last_pointers", trails=as_list(trails))
    return {trail: Pointer(*row) for trail, *row in rows}


def last_times(queries: Queries, trails: Iterable[int]) -> dict[int, int]:
    """The own time of the latest entry of each of the trails of which one is known, in µs."""
    rows = queries.query("last_times", trails=as_list(trails))
    return {trail: at for trail, at in rows if at is not None}


def kinds_of(queries: Queries, trail: int) -> list[Counted]:
    """What a trail's entries are, the first to appear first; nothing of whom they belong to."""
    return _counted(queries, "kinds_of", trail)


def pairs_of(queries: Queries, trail: int) -> list[Counted]:
    """What a trail's entries are and whom they belong to, the first to appear first."""
    return _counted(queries, "rollups_of", trail)


def _counted(queries: Queries, name: str, trail: int) -> list[Counted]:
    found = []
    for kind, label, *rest in queries.query(name, trail=trail):
        whom = Whom(*rest[5:10]) if label else NOBODY
        entries, *ends = rest[10:]
        found.append(Counted(kind, Kind(*rest[:5]), entries, label, whom, *ends))
    return sorted(found, key=lambda one: one.first_seq)


def candidates_of(
    queries: Queries, trail: int, wanted: EntryFilter, pick: Pick | None = None
) -> Candidates:
    """What the filter means in the trail; its text is for whoever reads the lines.

    `pick` leaves out entries of some kinds and labels.
    """
    asks_whom = pick is not None or any(getattr(wanted, name) for name in IDS)
    asks_whom = asks_whom or any(name in IDS for name, _ in wanted.excluded)
    kinds = pairs_of(queries, trail) if asks_whom else kinds_of(queries, trail)
    return _candidates(kinds, trail, wanted, pick)


def _candidates(
    kinds: Sequence[Counted], trail: int, wanted: EntryFilter, pick: Pick | None
) -> Candidates:
    chosen = [
        one for one in kinds if fits_names(wanted, one.names()) and (pick is None or pick(one))
    ]
    is_timeless = wanted.since is None and wanted.until is None
    is_everywhere = wanted.from_seq is None and wanted.to_seq is None
    known = not chosen or (is_timeless and is_everywhere)
    since = -MAX_SEQ if wanted.since is None else wanted.since
    until = MAX_SEQ if wanted.until is None else wanted.until
    return Candidates(
        {one.number: one.kind.channel for one in chosen},
        {"trail": trail, "since": since, "until": until, **_conditions(kinds, chosen)},
        since,
        until,
        _bounds(wanted, chosen),
        _trouble_levels(chosen),
        sum(one.entries for one in chosen) if known else None,
        not is_everywhere,
        chosen,
    )


def _conditions(kinds: Sequence[Counted], chosen: Sequence[Counted]) -> dict[str, object]:
    """Which numbers an entry must have; nothing where every entry is let through."""
    if len(chosen) == len(kinds):
        return {"kinds": None, "pairs": None}
    numbers = {one.number for one in chosen}
    if sum(one.number in numbers for one in kinds) == len(chosen):  # labels decide nothing
        return {"kinds": as_list(sorted(numbers)), "pairs": None}
    return {"kinds": None, "pairs": as_list(one.number * PAIR + one.label for one in chosen)}


def _bounds(wanted: EntryFilter, chosen: Sequence[Counted]) -> Span:
    """No entry that matches lies outside: before the first of its kind, or after the last."""
    first = min((one.first_seq for one in chosen), default=0)
    last = max((one.last_seq for one in chosen), default=0)
    after = max(first - 1, (wanted.from_seq or 0) - 1)
    before = min(last + 1, MAX_SEQ if wanted.to_seq is None else wanted.to_seq + 1)
    return Span(after, before)


def _trouble_levels(chosen: Sequence[Counted]) -> tuple[int, ...]:
    levels = {one.kind.level for one in chosen}
    return tuple(sorted(RANKS[one] for one in levels)) if levels <= TROUBLE else ()
