"""A trail's entries that match a filter with text, found by searching the bytes of its channels.

Suspect places come from the bytes, in the order of each channel; their lines are looked at one by
one, lazily, and merged by `seq`. So the entries of a page are read first, and what is only counted
can stop when time is over. Nothing here needs the index: a line says itself what it is.
"""

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from heapq import merge
from itertools import groupby
from typing import Final, NamedTuple, Self

from msgspec import Struct

from tasktrail.errors import TornEntry
from tasktrail.index.advance import channel_sizes
from tasktrail.index.entries import Counted, Kind, Pick, Pointer, Whom
from tasktrail.index.peek import Glimpse, Words, look
from tasktrail.model.channels import CHANNELS
from tasktrail.model.entry_filter import EntryFilter, fits_names, lies_within, says
from tasktrail.model.filters import without_place
from tasktrail.model.ids import TrailKey
from tasktrail.query.needle import Needle
from tasktrail.query.rows import Row, row_at
from tasktrail.query.trail_view import TrailView
from tasktrail.store.byte_search import (
    ChannelPart,
    Pattern,
    find_places,
    lines_around,
    open_channel,
)
from tasktrail.store.layout import Layout
from tasktrail.store.lines import Line, iter_lines_of, iter_tail

EVERY_LINE: Final = None
BEFORE_ALL: Final = -1


class Hit(NamedTuple):
    """An entry that matches, and its line; ordered by `seq`."""

    seq: int
    channel: int
    line: Line
    glimpse: Glimpse

    @property
    def pointer(self) -> Pointer:
        """Where its line stands."""
        return Pointer(self.seq, CHANNELS[self.channel], self.line.offset, len(self.line.line))


class Suspects(Struct, frozen=True):
    """The lines of a trail to look at: places in each channel, `None` for every line."""

    key: TrailKey
    parts: Mapping[str, int]  # channel → up to where it is looked at
    places: Mapping[str, list[int] | None]


class Searched(NamedTuple):
    """A trail to search: sizes of its channels, and where lines stand that may hide a text.

    `None`: nobody knows which lines do.
    """

    key: TrailKey
    sizes: Mapping[str, int]
    hiding: Mapping[str, list[int]] | None


def suspects_of(layout: Layout, trails: Iterable[Searched], needle: Needle) -> Iterator[Suspects]:
    """The suspects of each of the trails, in their order."""
    for is_known, some in groupby(trails, key=lambda one: one.hiding is not None):
        pattern = needle.quick_pattern if is_known else needle.pattern
        group = list(some)
        if pattern is None:
            yield from (
                Suspects(one.key, one.sizes, dict.fromkeys(one.sizes, EVERY_LINE)) for one in group
            )
        else:
            yield from _suspects(layout, group, pattern)


def _suspects(layout: Layout, group: Sequence[Searched], pattern: Pattern) -> Iterator[Suspects]:
    parts = [ChannelPart(one.key, name, size) for one in group for name, size in one.sizes.items()]
    found = find_places(layout, parts, pattern)
    for one in group:
        places: dict[str, list[int] | None] = {}
        for name, size in one.sizes.items():
            _, at = next(found)
            if one.hiding and (hidden := one.hiding.get(name)):
                at = sorted([*at, *(place for place in hidden if place < size)])
            if at:
                places[name] = at
        yield Suspects(one.key, one.sizes, places)


def suspects_in(
    layout: Layout, view: TrailView, channels: Iterable[str], needle: Needle
) -> Suspects:
    """The suspects of one trail, as long as its files are now."""
    sizes = channel_sizes(layout, view.key) or {}
    wanted = {name: sizes[name] for name in channels if name in sizes}
    (suspects,) = suspects_of(layout, [Searched(view.key, wanted, view.hiding())], needle)
    return suspects


class TextScan:
    """Looks at the suspects of one trail; for one thread, open within a block."""

    def __init__(
        self,
        layout: Layout,
        suspects: Suspects,
        wanted: EntryFilter,
        needle: Needle,
        *,
        below: int,
        pick: Pick | None = None,
    ) -> None:
        self._layout = layout
        self._pick = pick
        self._suspects = suspects
        self._wanted = without_place(wanted)
        self._needle = needle
        self._below = below
        self._fds: dict[str, int] = {}
        self._fitting: dict[tuple[int, Words], bool] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for channel in self._suspects.places:
            part = ChannelPart(self._suspects.key, channel, self._suspects.parts[channel])
            fd = open_channel(self._layout, part)
            if fd is not None:
                self._open.callback(os.close, fd)
                self._fds[channel] = fd
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def up(self, *, after: int = BEFORE_ALL) -> Iterator[Hit | int]:
        """Hits behind that seq, oldest first; a bare seq for an entry that is none."""
        streams = [self._stream(name, fd, after, down=False) for name, fd in self._fds.items()]
        return self._judged(_once(merge(*streams, key=_rising)))

    def down(self, *, before: int) -> Iterator[Hit | int]:
        """Hits before that seq, newest first; a bare seq for an entry that is none."""
        streams = [self._stream(name, fd, before, down=True) for name, fd in self._fds.items()]
        return self._judged(_once(merge(*streams, key=_falling)))

    def _judged(self, hits: Iterator[Hit]) -> Iterator[Hit | int]:
        for hit in hits:
            yield hit if self._matches(hit) else hit.seq

    def _matches(self, hit: Hit) -> bool:
        known = hit.channel, hit.glimpse.words
        fitting = self._fitting.get(known)
        if fitting is None:
            fitting = fits_names(self._wanted, names_of(hit, self._suspects.key))
            fitting = fitting and (self._pick is None or self._pick(counted_of(hit)))
            self._fitting[known] = fitting
        return (
            fitting
            and lies_within(self._wanted, hit.seq, hit.glimpse.at)
            and self._needle.is_in(hit.line.line, CHANNELS[hit.channel], self._suspects.key)
        )

    def _stream(self, channel: str, fd: int, bound: int, *, down: bool) -> Iterator[Hit]:
        """The channel's suspects beyond the bound."""
        number = CHANNELS.index(channel)
        for line in self._lines(channel, fd, bound, down=down):
            glimpse = self._look(channel, line)
            if glimpse is not None and (glimpse.seq < bound if down else glimpse.seq > bound):
                yield Hit(glimpse.seq, number, line, glimpse)

    def _lines(self, channel: str, fd: int, bound: int, *, down: bool) -> Iterator[Line]:
        size, places = self._suspects.parts[channel], self._suspects.places[channel]
        if places is None:
            return iter_tail(fd, size) if down else _bounded(iter_lines_of(fd), size)
        first = self._first_beyond(channel, fd, places, bound)
        if down:
            return lines_around(fd, reversed(places[:first]), size=size, down=True)
        return lines_around(fd, places[first:], size=size)

    def _first_beyond(self, channel: str, fd: int, places: Sequence[int], bound: int) -> int:
        """The number of the first suspect that may lie behind the bound; `seq` rises in a file."""
        if bound <= 0 or not places:
            return 0

        def seq_at(place: int) -> int:
            for line in lines_around(fd, [place], size=self._suspects.parts[channel]):
                glimpse = self._look(channel, line)
                return glimpse.seq if glimpse else 0
            return bound + 1  # not complete: nothing stands behind it

        return bisect_left(places, bound, key=seq_at)

    def _look(self, channel: str, line: Line) -> Glimpse | None:
        try:
            glimpse = look(line.line, channel, self._suspects.key)
        except TornEntry:
            return None
        return glimpse if glimpse.pos < self._below else None


def names_of(hit: Hit, key: TrailKey) -> dict[str, str | None]:
    """What the entry is called, as an answered row has it."""
    words = hit.glimpse.words
    return {
        "level": words.level,
        "source": words.source,
        "stage": words.stage,
        "channel": CHANNELS[hit.channel],
        "event_type": words.event_type,
        "task_id": key.id if key.family == "tasks" else None,
        **words.labels._asdict(),
    }


def fits_hit(wanted: EntryFilter, hit: Hit, key: TrailKey) -> bool:
    """Whether all of the filter but its text lets the entry through."""
    return lies_within(wanted, hit.seq, hit.glimpse.at) and fits_names(wanted, names_of(hit, key))


def row_of_hit(wanted: EntryFilter, hit: Hit, key: TrailKey) -> Row | None:
    """The entry as it is answered, if the filter lets it through."""
    if not fits_hit(wanted, hit, key):
        return None
    try:
        row = row_at(hit.line.line, CHANNELS[hit.channel], key)
    except TornEntry:
        return None
    return row if says(wanted, str(row["message"])) else None


def counted_of(hit: Hit) -> Counted:
    """The entry as the index counts it."""
    words = hit.glimpse.words
    kind = Kind(
        CHANNELS[hit.channel], words.level, words.source, words.stage or "", words.event_type
    )
    return Counted(0, kind, 1, 0, Whom(*(text or "" for text in words.labels)))


def _rising(hit: Hit) -> tuple[int, int, int]:
    return hit.seq, hit.channel, hit.line.offset


def _falling(hit: Hit) -> tuple[int, int, int]:
    return -hit.seq, hit.channel, -hit.line.offset


def _once(hits: Iterator[Hit]) -> Iterator[Hit]:
    """Each seq once: of two lines with the same one the first in the trail's order is the entry."""
    last = None
    for hit in hits:
        if last is not None and last.seq == hit.seq:
            continue
        last = hit
        yield hit


def _bounded(lines: Iterator[Line], size: int) -> Iterator[Line]:
    for line in lines:
        if line.end > size:
            return
        yield line
