"""Which entries of a trail a filter with text means: those of a page, and how many there are.

Few candidates are read by their places, which the index knows; of many, the bytes of the channels
are searched. The page is found first. What lies around it is counted after, as far as that costs
little: then the count is what was found so far, and says so. A filter that only says what must not
be there is turned round: what it leaves out is counted.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.index.entries import Pick, Pointer
from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.query.needle import Denied, Needle
from tasktrail.query.search import hits_among
from tasktrail.query.text_scan import BEFORE_ALL, Hit, TextScan, suspects_in
from tasktrail.query.trail_view import Selection, TrailView
from tasktrail.store.layout import Layout

FEW_CANDIDATES: Final = 20_000  # reading so many by their places is as quick as searching all bytes
CANDIDATES_AT_ONCE: Final = 4_096
LOOKS_AT_ONCE: Final = 256  # between two looks at the clock: some way is made in any case
MOST_COUNTED: Final = 10_000  # suspects that are looked at beside those of the page
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
    is_partial: bool = False  # not everything was counted
    cut_at: int | None = None  # time was over before the page was full: up to where it was looked


class _Candidates(NamedTuple):
    """The entries of a view that match all but the text."""

    layout: Layout
    view: TrailView
    selection: Selection
    needle: Needle

    def hits(self, pointers: Sequence[Pointer]) -> list[Pointer]:
        """Those of them whose message lets them through."""
        return hits_among(self.layout, self.view.key, pointers, self.needle)


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
    every = _Candidates(layout, view, selection, needle)
    if selection.count() <= FEW_CANDIDATES:
        return _among_candidates(every, bounds)
    deadline = time.monotonic() + seconds
    if needle.denied is not None:
        denied = _scan(every._replace(needle=Denied(wanted)), wanted, pick)
        return _without(every, bounds, denied, deadline)
    with _scan(every, wanted, pick) as scan:
        return _scanned(scan, bounds, deadline)


class Hits:
    """Every entry that matches, oldest first; afterwards, whether these are all."""

    def __init__(
        self,
        layout: Layout,
        view: TrailView,
        wanted: EntryFilter,
        *,
        after: int = BEFORE_ALL,
        seconds: float = SEARCH_SECONDS,
    ) -> None:
        self.is_partial = False
        self._layout = layout
        self._view = view
        self._wanted = wanted
        self._after = after
        self._deadline = time.monotonic() + seconds

    def __iter__(self) -> Iterator[Hit]:
        selection, needle = self._view.select(self._wanted), Needle(self._wanted)
        every = _Candidates(self._layout, self._view, selection, needle)
        with _scan(every, self._wanted) as scan:
            for number, step in enumerate(scan.up(after=self._after), 1):
                if isinstance(step, Hit):
                    yield step
                if number % LOOKS_AT_ONCE == 0 and time.monotonic() > self._deadline:
                    self.is_partial = True
                    return


def _scan(every: _Candidates, wanted: EntryFilter, pick: Pick | None = None) -> TextScan:
    layout, view, selection, needle = every
    suspects = suspects_in(layout, view, selection.channels())
    return TextScan(layout, suspects, wanted, needle, below=view.below, pick=pick)


def _among_candidates(every: _Candidates, bounds: Bounds) -> Searched:
    total, limit = 0, bounds.offset + bounds.limit + 1
    kept = deque[Pointer](maxlen=None if bounds.way == UP else limit)
    for batch in every.selection.batches(after=-1, before=MAX_SEQ, size=CANDIDATES_AT_ONCE):
        hits = every.hits(batch)
        total += len(hits)
        inside = [one for one in hits if bounds.after < one.seq < bounds.before]
        kept.extend(inside[: limit - len(kept)] if bounds.way == UP else inside)
    pointers = list(kept)
    pointers = pointers if bounds.way == UP else pointers[::-1]
    return Searched(pointers[bounds.offset :], total)


def _without(every: _Candidates, bounds: Bounds, denied: TextScan, deadline: float) -> Searched:
    """The page out of the candidates, and the count of those that are left out."""
    wanted, found, looked = bounds.offset + bounds.limit + 1, list[Pointer](), None
    after, before, is_late = bounds.after, bounds.before, False
    find = every.selection.up if bounds.way == UP else every.selection.down
    while len(found) < wanted and not is_late:
        batch = find(after=after, before=before, limit=max(wanted, CANDIDATES_AT_ONCE))
        if not batch:
            break
        found += every.hits(batch)[: wanted - len(found)]
        looked = batch[-1].seq
        after, before = (looked, before) if bounds.way == UP else (after, looked)
        is_late = time.monotonic() > deadline
    page = found[bounds.offset :]
    if is_late and len(found) < wanted:
        return Searched(page, len(found), is_partial=True, cut_at=looked)
    with denied as scan:
        left_out, end = _counted(scan, scan.up(), deadline)
    if end is None:
        return Searched(page, every.selection.count() - left_out)
    told = every.selection.count_before(end + 1) - left_out
    return Searched(page, max(len(found), told), is_partial=True)


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
    """How many match outside of what was looked at, and whether there may be more."""
    if bounds.way == UP:
        first, last = bounds.after + 1, bounds.after if looked is None else looked
    else:
        first, last = bounds.before if looked is None else looked, bounds.before - 1
    behind, end = _counted(scan, scan.up(after=last), deadline)
    if end is not None:
        return behind, True
    ahead, end = _counted(scan, scan.down(before=first), deadline)
    return behind + ahead, end is not None


def _counted(scan: TextScan, steps: Iterator[Hit | int], deadline: float) -> tuple[int, int | None]:
    """How many match, and where the counting was left off, `None` where it came to the end."""
    count, most = 0, scan.looked + MOST_COUNTED
    for number, step in enumerate(steps, 1):
        count += isinstance(step, Hit)
        is_late = number % LOOKS_AT_ONCE == 0 and time.monotonic() > deadline
        if is_late or scan.looked >= most:
            return count, step.seq if isinstance(step, Hit) else step
    return count, None
