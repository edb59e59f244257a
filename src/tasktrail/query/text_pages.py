"""Which entries of a trail a filter with text means: those of a page, and how many there are.

Few candidates are read by their places, which the index knows; of many, the bytes of the channels
are searched. The page is found first and what lies around it is counted after, until time is over:
then the count is what was found so far, and says so.
"""

import time
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.index.entries import Pick, Pointer
from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.query.needle import Needle
from tasktrail.query.search import hits_among
from tasktrail.query.text_scan import Hit, TextScan, suspects_in
from tasktrail.query.trail_view import Selection, TrailView
from tasktrail.store.layout import Layout

FEW_CANDIDATES: Final = 20_000  # reading so many by their places is as quick as searching all bytes
CANDIDATES_AT_ONCE: Final = 4_096
LOOKS_AT_ONCE: Final = 256  # between two looks at the clock
SEARCH_SECONDS: Final = 10.0
UP: Final = "up"
DOWN: Final = "down"
TAIL: Final = "tail"


class Bounds(NamedTuple):
    """Between which entries a page lies, both excluded, and which way it goes."""

    way: str
    after: int
    before: int
    offset: int
    limit: int


class Searched(Struct):
    """The entries of a page and one more, where there is one, and the count of all."""

    pointers: list[Pointer]
    total: int
    is_partial: bool = False  # the time was over before everything was counted
    cut_at: int | None = None  # … or before the page was full: the seq up to which it was looked


def search_page(
    layout: Layout,
    view: TrailView,
    wanted: EntryFilter,
    bounds: Bounds,
    *,
    pick: Pick | None = None,
    seconds: float = SEARCH_SECONDS,
) -> Searched:
    """What the text means in the view."""
    selection, needle = view.select(wanted, pick), Needle(wanted)
    if selection.count() <= FEW_CANDIDATES:
        return _among_candidates(layout, view, selection, needle, bounds)
    suspects = suspects_in(layout, view, selection.channels(), needle)
    scan = TextScan(layout, suspects, wanted, needle, below=view.below, pick=pick)
    with scan:
        return _scanned(scan, bounds, time.monotonic() + seconds)


def iter_hits(layout: Layout, view: TrailView, wanted: EntryFilter) -> Iterator[Hit]:
    """Every entry that matches, oldest first."""
    needle = Needle(wanted)
    suspects = suspects_in(layout, view, view.select(wanted).channels(), needle)
    with TextScan(layout, suspects, wanted, needle, below=view.below) as scan:
        yield from (step for step in scan.up() if isinstance(step, Hit))


def _among_candidates(
    layout: Layout, view: TrailView, selection: Selection, needle: Needle, bounds: Bounds
) -> Searched:
    total, limit = 0, bounds.offset + bounds.limit + 1
    kept = deque[Pointer](maxlen=None if bounds.way == UP else limit)
    for batch in selection.batches(after=-1, before=MAX_SEQ, size=CANDIDATES_AT_ONCE):
        hits = hits_among(layout, view.key, batch, needle)
        total += len(hits)
        inside = [one for one in hits if bounds.after < one.seq < bounds.before]
        kept.extend(inside[: limit - len(kept)] if bounds.way == UP else inside)
    pointers = list(kept)
    pointers = pointers if bounds.way == UP else pointers[::-1]
    return Searched(pointers[bounds.offset :], total)


def _scanned(scan: TextScan, bounds: Bounds, deadline: float) -> Searched:
    """The page first, then the rest in both directions."""
    wanted, found, looked, is_late = bounds.offset + bounds.limit + 1, list[Pointer](), None, False
    for number, step in enumerate(_from(scan, bounds), 1):
        seq = step.seq if isinstance(step, Hit) else step
        if not bounds.after < seq < bounds.before:
            break
        looked = seq
        if isinstance(step, Hit):
            found.append(step.pointer)
        is_late = number % LOOKS_AT_ONCE == 0 and time.monotonic() > deadline
        if len(found) == wanted or is_late:
            break
    page = found[bounds.offset :]
    if is_late and len(found) < wanted:
        return Searched(page, len(found), is_partial=True, cut_at=looked)
    more, is_partial = _count_around(scan, bounds, looked, deadline)
    return Searched(page, len(found) + more, is_partial)


def _from(scan: TextScan, bounds: Bounds) -> Iterator[Hit | int]:
    if bounds.way == UP:
        return scan.up(after=bounds.after)
    return scan.down(before=bounds.before)


def _count_around(
    scan: TextScan, bounds: Bounds, looked: int | None, deadline: float
) -> tuple[int, bool]:
    """How many match outside of what was looked at, and whether the time was over too early."""
    if bounds.way == UP:
        first, last = bounds.after + 1, bounds.after if looked is None else looked
    else:
        first, last = bounds.before if looked is None else looked, bounds.before - 1
    count = 0
    for rest in (scan.up(after=last), scan.down(before=first)):
        for number, step in enumerate(rest, 1):
            count += isinstance(step, Hit)
            if number % LOOKS_AT_ONCE == 0 and time.monotonic() > deadline:
                return count, True
    return count, False
