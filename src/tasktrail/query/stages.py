"""The stages of a task: when each began and ended, what it lay within, and how much it holds.

A stage is told by its `stage:*` events; one that only entries name is there too, without a status.
The index says of an event which stage it tells of, whose and when; its line is read for the rest.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from tasktrail.index.entries import Counted, Mark
from tasktrail.index.peek import UNVIEWABLE
from tasktrail.model.codec import Fields, integer_of
from tasktrail.model.entry_filter import EntryFilter
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.stages import (
    COMPLETED,
    FAILED,
    STARTED,
    UNNAMED,
    Stage,
    StageTold,
    fold_stages,
)
from tasktrail.model.times import known_time
from tasktrail.query.rows import Row
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout
from tasktrail.store.scan import iter_ranges

TELLING: Final = EntryFilter(event_type=(STARTED, COMPLETED, FAILED))
EVERY_ENTRY: Final = EntryFilter()
ERRORS: Final = frozenset({"error", "critical"})
ENTRIES_AT_ONCE: Final = 20_000
ENTRIES_PER_QUESTION: Final = 2_000  # so many are read while one stretch is asked about


class _Event(Struct, gc=False):
    """What an event says besides what the index has of it."""

    attempt: Raw | UnsetType = UNSET
    data: Fields = {}


class _Line(Struct, gc=False):
    event: _Event


_LINE: Final = msgspec.json.Decoder(_Line)


class Held(Struct, gc=False):
    """How many entries a stage has, of which level, and the first and the last of them."""

    first_seq: int
    last_seq: int
    first_at: int | None
    last_at: int | None
    entries: int = 0
    warnings: int = 0
    errors: int = 0

    def add(self, level: str, entries: int = 1) -> None:
        """So many more of that level."""
        self.entries += entries
        if level == "warning":
            self.warnings += entries
        elif level in ERRORS:
            self.errors += entries

    def reach(self, seq: int, at: int) -> None:
        """As far as an entry behind the others; times need not rise."""
        self.last_seq = seq
        self.first_at = at if self.first_at is None else min(self.first_at, at)
        self.last_at = at if self.last_at is None else max(self.last_at, at)


def stages_of(layout: Layout, view: TrailView) -> list[Row]:
    """The stages in the order in which they appeared."""
    told = fold_stages(_told(layout, view))
    counted = _by_stage(view.pairs())
    named = {one.name for one in told}
    for name, kinds in counted.items():
        if name not in named:
            told.append(Stage(name, 1, min(one.first_seq for one in kinds), None, None))
    told.sort(key=lambda one: one.first_seq)
    times = Counter(one.name for one in told)
    held = _within_stretches(view, [one for one in told if times[one.name] > 1], counted)
    return [_row(one, held.get((one.name, one.number)) or _of_all(one, counted)) for one in told]


def _told(layout: Layout, view: TrailView) -> Iterator[StageTold]:
    """What can be read of the events that tell of stages."""
    marks = view.select(TELLING, lambda _: True).marks(limit=MAX_SEQ)
    lines = iter_ranges(layout, view.key, [mark.place for mark in marks])
    for mark, line in zip(marks, lines, strict=True):
        with suppress(*UNVIEWABLE):
            yield _told_of(mark, line or b"")


def _told_of(mark: Mark, line: bytes) -> StageTold:
    event, kind = _LINE.decode(line).event, mark.kind
    attempt = event.data.get("attempt") if event.attempt is UNSET else event.attempt
    return StageTold(
        mark.seq,
        kind.event_type,
        kind.stage or UNNAMED,
        mark.whom.worker_id or None,
        mark.at,
        None if attempt is None else integer_of(attempt),
        event.data,
    )


def _by_stage(kinds: Sequence[Counted]) -> dict[str, list[Counted]]:
    found: dict[str, list[Counted]] = {}
    for one in kinds:
        if one.kind.stage:
            found.setdefault(one.kind.stage, []).append(one)
    return found


def _row(stage: Stage, held: Held) -> Row:
    parent = stage.parent
    return {
        "stage": stage.name,
        "number": stage.number,
        "attempt": stage.attempt,
        "status": stage.status,
        "started_at": known_time(stage.started_at),
        "completed_at": known_time(stage.completed_at),
        "duration_seconds": stage.seconds,
        "error": stage.error,
        "parent": {"stage": parent.name, "number": parent.number} if parent else None,
        "depth": stage.depth,
        "first_seq": held.first_seq,
        "last_seq": held.last_seq,
        "first_at": known_time(held.first_at),
        "last_at": known_time(held.last_at),
        "entries": held.entries,
        "warnings": held.warnings,
        "errors": held.errors,
    }


def _of_all(stage: Stage, counted: Mapping[str, Sequence[Counted]]) -> Held:
    """What the only stage of its name has: whatever names it."""
    kinds = counted.get(stage.name)
    if not kinds:
        return _nothing(stage)
    first = min(kinds, key=lambda one: one.first_seq)
    last = max(kinds, key=lambda one: one.last_seq)
    held = Held(first.first_seq, last.last_seq, first.first_at, last.last_at)
    return _with_levels(held, kinds)


def _with_levels(held: Held, kinds: Iterable[Counted]) -> Held:
    for one in kinds:
        held.add(one.kind.level, one.entries)
    return held


def _nothing(stage: Stage) -> Held:
    """A stage that no entry names, as its events say no name."""
    return Held(stage.first_seq, stage.first_seq, stage.started_at, stage.completed_at)


def _within_stretches(
    view: TrailView, stages: Sequence[Stage], counted: Mapping[str, Sequence[Counted]]
) -> dict[tuple[str, int], Held]:
    """What stages have that are several of one name: each its stretch of the trail.

    A few long stretches are asked about one by one, many short ones are read in one go.
    """
    names = {one.name for one in stages}
    entries = sum(kind.entries for name in names for kind in counted.get(name, ()))
    if entries > ENTRIES_PER_QUESTION * len(stages):
        return {(one.name, one.number): _asked(view, one) for one in stages}
    found = _read_in_one_go(view, stages, names)
    keys = ((one, (one.name, one.number)) for one in stages)
    return {key: found.get(key) or _nothing(one) for one, key in keys}


def _read_in_one_go(
    view: TrailView, stages: Sequence[Stage], names: Collection[str]
) -> dict[tuple[str, int], Held]:
    """What each stage has; entries before the first of a name are of none."""
    begins: dict[str, list[int]] = {}
    for one in stages:
        begins.setdefault(one.name, []).append(one.first_seq)
    found: dict[tuple[str, int], Held] = {}
    selection = view.select(EVERY_ENTRY, lambda one: one.kind.stage in names)
    for seq, kind, at in selection.moments(size=ENTRIES_AT_ONCE):
        name = kind.stage
        key = name, bisect_right(begins[name], seq)
        held = found.get(key)
        if held is None:
            held = found[key] = Held(seq, seq, at, at)
        held.reach(seq, at)
        held.add(kind.level)
    return found


def _asked(view: TrailView, stage: Stage) -> Held:
    """The same of one stage, as the index counts it."""
    stretch = EntryFilter(from_seq=stage.first_seq, to_seq=stage.last_seq)
    selection = view.select(stretch, lambda one: one.kind.stage == stage.name)
    first = selection.up(after=-1, before=MAX_SEQ, limit=1)
    last = selection.down(after=-1, before=MAX_SEQ, limit=1)
    if not first:
        return _nothing(stage)
    _, first_at, last_at = selection.times()
    held = Held(first[0].seq, last[0].seq, first_at, last_at)
    return _with_levels(held, selection.counted())
