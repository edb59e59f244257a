"""All entries that match, by their seqs alone: for a scrollbar, a map, a jump to the next hit.

A million seqs fit into a megabyte as differences in as few bytes as each needs (LEB128): seven bits
in a byte, the lowest first, the eighth says that more follow.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.query.needle import Needle
from tasktrail.query.search import hits_among
from tasktrail.query.text_pages import (
    CANDIDATES_AT_ONCE,
    FEW_CANDIDATES,
    SEARCH_SECONDS,
    Hits,
)
from tasktrail.query.trail_view import Selection, TrailView
from tasktrail.store.layout import Layout

MOST_SEQS: Final = 2_000_000
ONE_BYTE: Final = 0x80


class SeqList(Struct, frozen=True):
    """Seqs that match, in rising order."""

    blob: bytes
    count: int  # how many are in it
    head: int  # the trail's last seq
    next_after_seq: int | None  # where to ask again, when there are more
    is_partial: bool  # the time was over: there may be others up to the head


def seqs_of(
    layout: Layout,
    view: TrailView,
    wanted: EntryFilter,
    *,
    limit: int = MOST_SEQS,
    seconds: float = SEARCH_SECONDS,
) -> SeqList:
    """The seqs of the entries that match, behind `after_seq` and before `before_seq`."""
    after = wanted.after_seq or 0
    before = MAX_SEQ if wanted.before_seq is None else wanted.before_seq
    selection, needle = view.select(wanted), Needle(wanted)
    if not wanted.has_text:
        found = selection.seqs(after=after, before=before, limit=limit + 1)
        return _listed(found, after, limit, view.head, is_partial=False)
    if needle.denied is not None or selection.count() <= FEW_CANDIDATES:
        every = _Candidates(layout, view, selection, needle, time.monotonic() + seconds)
        found = every.seqs(after, before, limit + 1)
        return _listed(found, after, limit, view.head, is_partial=every.is_partial)
    hits = Hits(layout, view, wanted, after=after, seconds=seconds)
    found = []
    for hit in hits:
        if hit.seq >= before or len(found) > limit:
            break
        found.append(hit.seq)
    return _listed(found, after, limit, view.head, is_partial=hits.is_partial)


class _Candidates:
    """The entries that match all but the text, read one after the other."""

    def __init__(
        self,
        layout: Layout,
        view: TrailView,
        selection: Selection,
        needle: Needle,
        deadline: float,
    ) -> None:
        self.is_partial = False
        self._layout = layout
        self._view = view
        self._selection = selection
        self._needle = needle
        self._deadline = deadline

    def seqs(self, after: int, before: int, most: int) -> list[int]:
        """Those whose message lets them through, at least `most` where there are so many."""
        found: list[int] = []
        size = CANDIDATES_AT_ONCE
        for batch in self._selection.batches(after=after, before=before, size=size):
            hits = hits_among(self._layout, self._view.key, batch, self._needle)
            found += (one.seq for one in hits)
            self.is_partial = time.monotonic() > self._deadline
            if self.is_partial or len(found) >= most:
                break
        return found


def _listed(
    found: Sequence[int], after: int, limit: int, head: int, *, is_partial: bool
) -> SeqList:
    kept = found[:limit]
    more = kept[-1] if len(found) > limit else None
    return SeqList(pack(kept, after), len(kept), head, more, is_partial)


def pack(seqs: Iterable[int], after: int) -> bytes:
    """The rising numbers as differences, the first one to `after`."""
    packed = bytearray()
    for seq in seqs:
        step, after = seq - after, seq
        while step >= ONE_BYTE:
            packed.append(step & (ONE_BYTE - 1) | ONE_BYTE)
            step >>= 7
        packed.append(step)
    return bytes(packed)


def unpack(packed: bytes, after: int) -> Iterator[int]:
    """What was packed."""
    step = shift = 0
    for byte in packed:
        step |= (byte & (ONE_BYTE - 1)) << shift
        shift += 7
        if byte < ONE_BYTE:
            after += step
            yield after
            step = shift = 0
