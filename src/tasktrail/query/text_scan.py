"""A trail's entries that match a filter with text, found by searching the bytes of its channels.

Suspect places come from the bytes, in the order of each channel; their lines are looked at one by
one, lazily, and merged by `seq`. So the entries of a page are read first, and what is only counted
can stop when it is enough. A stream begins to look near its beginning; when that is in vain, all
places in the file are asked for at once. Nothing here needs the index: a line says itself what it
is.
"""

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from heapq import merge
from typing import Final, NamedTuple, Self

from msgspec import Struct

from tasktrail.errors import TornEntry
from tasktrail.index.advance import channel_sizes
from tasktrail.index.entries import Counted, Kind, Pick, Pointer, Whom
from tasktrail.index.peek import Glimpse, Words, look
from tasktrail.model.channels import CHANNELS
from tasktrail.model.entry_filter import EntryFilter, fits_names, lies_within, says
from tasktrail.model.filters import MAX_SEQ, without_place
from tasktrail.model.ids import TrailKey
from tasktrail.query.needle import Needle
from tasktrail.query.rows import Row, row_at
from tasktrail.query.trail_view import TrailView
from tasktrail.store.byte_search import (
    AROUND_BYTES,
    BLOCK_BYTES,
    Block,
    ChannelPart,
    Pattern,
    Places,
    Question,
    ask_for_places,
    blocks_down,
    blocks_up,
    find_places,
    lines_around,
    open_channel,
)
from tasktrail.store.layout import Layout
from tasktrail.store.lines import Line, iter_lines_of, iter_tail

BEFORE_ALL: Final = -1
QUIET_LINES: Final = 256  # suspects that are none, between two words of how far it was looked
FEW_PLACES: Final = 16  # that are read each by itself
RARE_BYTES: Final = 16 << 10  # for each place; what is more frequent is soon counted by blocks
NEAR_BYTES: Final = 4 << 20  # looked at block by block before a program is asked about the file


class Hit(NamedTuple):
    """An entry under suspicion, or one that matches, and its line; ordered by `seq`."""

    seq: int
    channel: int
    line: Line
    glimpse: Glimpse

    @property
    def pointer(self) -> Pointer:
        """Where its line stands."""
        return Pointer(self.seq, CHANNELS[self.channel], self.line.offset, len(self.line.line))


class Mark(NamedTuple):
    """Up to which entry a channel was looked at without a hit."""

    seq: int
    channel: int
    line: Line


class Suspects(Struct, frozen=True):
    """The lines of a trail to look at: places in each channel, `None` where nobody looked yet."""

    key: TrailKey
    parts: Mapping[str, int]  # channel → up to where it is looked at
    places: Mapping[str, Places | None]


Sized = tuple[TrailKey, Mapping[str, int]]  # a trail, and up to where its channels are looked at


def ask_about(layout: Layout, trails: Sequence[Sized], pattern: Pattern | None) -> Question | None:
    """Asks where in the trails the pattern may be; `None` where looking at them is as good."""
    if pattern is None:
        return None
    parts = [ChannelPart(key, name, size) for key, sizes in trails for name, size in sizes.items()]
    return ask_for_places(layout, parts, pattern)


def suspects_of(trails: Sequence[Sized], found: Sequence[Places] | None) -> Iterator[Suspects]:
    """The suspects of each of the trails, in their order, by the answer to such a question."""
    places = iter(found or [])
    for key, sizes in trails:
        if found is None:
            yield Suspects(key, sizes, dict.fromkeys(sizes))
        else:
            yield Suspects(key, sizes, {name: at for name in sizes if (at := next(places))})


def suspects_in(layout: Layout, view: TrailView, channels: Iterable[str]) -> Suspects:
    """The suspects of one trail, as long as its files are now: nobody looked yet."""
    sizes = channel_sizes(layout, view.key) or {}
    wanted = {name: sizes[name] for name in channels if name in sizes}
    return Suspects(view.key, wanted, dict.fromkeys(wanted))


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
        self.looked = 0  # how many suspects were looked at
        self.passed = 0  # bytes behind the latest of them
        self._layout = layout
        self._suspects = suspects
        self._filter = HitFilter(without_place(wanted), suspects.key, pick)
        self._needle = needle
        self._below = below
        self._fds: dict[str, int] = {}
        self._known = dict(suspects.places)
        self._is_asked = {name for name, places in suspects.places.items() if places is not None}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for channel in self._suspects.places:
            fd = open_channel(self._layout, self._part(channel))
            if fd is not None:
                self._open.callback(os.close, fd)
                self._fds[channel] = fd
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def up(self, *, after: int = BEFORE_ALL) -> Iterator[Hit | int]:
        """Hits behind that seq, oldest first; a bare seq says up to where there are no others."""
        streams = [self._stream(name, fd, after, down=False) for name, fd in self._fds.items()]
        return self._judged(_once(_merged(streams, down=False)))

    def down(self, *, before: int) -> Iterator[Hit | int]:
        """Hits before that seq, newest first; a bare seq as above."""
        streams = [self._stream(name, fd, before, down=True) for name, fd in self._fds.items()]
        return self._judged(_once(_merged(streams, down=True)))

    def _judged(self, hits: Iterator[Hit | Mark]) -> Iterator[Hit | int]:
        for hit in hits:
            yield hit if isinstance(hit, Hit) and self._filter.fits(hit) else hit.seq

    def _stream(self, channel: str, fd: int, bound: int, *, down: bool) -> Iterator[Hit | Mark]:
        """The channel's entries beyond the bound that hold the text, and how far it was looked."""
        number, key, quiet = CHANNELS.index(channel), self._suspects.key, 0
        for line, is_mark in self._lines(channel, fd, bound, down=down):
            is_hit = not is_mark and self._needle.is_in(line.line, channel, key)
            self.looked += not is_mark
            quiet = 0 if is_hit or is_mark else quiet + 1
            if quiet % QUIET_LINES:
                continue
            glimpse = self._look(channel, line)
            if glimpse is None or not (glimpse.seq < bound if down else glimpse.seq > bound):
                continue
            yield (
                Hit(glimpse.seq, number, line, glimpse)
                if is_hit
                else Mark(glimpse.seq, number, line)
            )

    def _lines(
        self, channel: str, fd: int, bound: int, *, down: bool
    ) -> Iterator[tuple[Line, bool]]:
        """Suspect lines; and others that only say how far it was looked."""
        size, pattern = self._suspects.parts[channel], self._needle.pattern
        start = self._place_of(channel, fd, bound, down=down)
        if pattern is None:
            every = iter_tail(fd, start) if down else _bounded(iter_lines_of(fd, start), size)
            yield from ((line, False) for line in every)
            return
        looked = found = 0
        if self._known[channel] is None:
            blocks = (
                blocks_down(fd, pattern, end=start)
                if down
                else blocks_up(fd, pattern, start=start, size=size)
            )
            for block in blocks:
                yield from self._in_block(fd, size, block, down=down)
                looked, found = looked + len(block.lines.line), found + len(block.places)
                self.passed += len(block.lines.line)
                start = block.lines.offset if down else block.lines.end - 1
                is_rare = looked >= NEAR_BYTES and found * RARE_BYTES < looked
                if is_rare and self._ask(channel) is not None:
                    break
            else:
                return
        places = self._known[channel] or []
        at = bisect_left(places, start)
        beyond = places[:at][::-1] if down else places[at:]
        ahead = BLOCK_BYTES if len(beyond) > FEW_PLACES else AROUND_BYTES
        lines = lines_around(fd, beyond, size=size, down=down, ahead=ahead)
        yield from ((line, False) for line in lines)

    @staticmethod
    def _in_block(fd: int, size: int, block: Block, *, down: bool) -> Iterator[tuple[Line, bool]]:
        places, lines = block.places[::-1] if down else block.places, block.lines
        last = lines.offset if down else lines.end - 2
        if lines.offset:  # that its first line begins there shows by the line end before it
            lines = Line(lines.offset - 1, b"\n" + lines.line)
        found = lines_around(fd, places, size=size, down=down, block=lines)
        yield from ((line, False) for line in found)
        yield from ((one, True) for one in lines_around(fd, [last], size=size, block=lines))

    def _ask(self, channel: str) -> Places | None:
        """All places in the channel, asked for once; `None` when nobody tells."""
        pattern = self._needle.pattern
        if channel not in self._is_asked and pattern is not None:
            self._is_asked.add(channel)
            found = find_places(self._layout, [self._part(channel)], pattern)
            self._known[channel] = found[0] if found else None
        return self._known[channel]

    def _place_of(self, channel: str, fd: int, bound: int, *, down: bool) -> int:
        """Where in the file the entries beyond the bound begin, or end; `seq` rises in a file."""
        size = self._suspects.parts[channel]
        if down and bound >= MAX_SEQ:
            return size
        if not down and bound <= 0:
            return 0
        seq = bound if down else bound + 1
        return bisect_left(range(size), seq, key=lambda at: self._seq_at(channel, fd, at))

    def _seq_at(self, channel: str, fd: int, place: int) -> int:
        """The seq of the line there, or of the next that can be read."""
        size = self._suspects.parts[channel]
        while place < size:
            line = next(lines_around(fd, [place], size=size, ahead=AROUND_BYTES), None)
            if line is None:
                break
            glimpse = self._look(channel, line)
            if glimpse is not None:
                return glimpse.seq
            place = line.end
        return MAX_SEQ + 1

    def _look(self, channel: str, line: Line) -> Glimpse | None:
        try:
            glimpse = look(line.line, channel, self._suspects.key)
        except TornEntry:
            return None
        return glimpse if glimpse.pos < self._below else None

    def _part(self, channel: str) -> ChannelPart:
        return ChannelPart(self._suspects.key, channel, self._suspects.parts[channel])


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


class HitFilter:
    """What a filter lets through of one trail; entries that say the same are judged once."""

    def __init__(self, wanted: EntryFilter, key: TrailKey, pick: Pick | None = None) -> None:
        self._wanted = wanted
        self._key = key
        self._pick = pick
        self._known: dict[tuple[int, Words], bool] = {}

    def fits(self, hit: Hit) -> bool:
        """Whether all of the filter but its text lets the entry through."""
        known = hit.channel, hit.glimpse.words
        fitting = self._known.get(known)
        if fitting is None:
            fitting = fits_names(self._wanted, names_of(hit, self._key))
            fitting = fitting and (self._pick is None or self._pick(counted_of(hit)))
            self._known[known] = fitting
        return fitting and lies_within(self._wanted, hit.seq, hit.glimpse.at)

    def row_of(self, hit: Hit) -> Row | None:
        """The entry as it is answered, if the filter lets it through."""
        if not self.fits(hit):
            return None
        try:
            row = row_at(hit.line.line, CHANNELS[hit.channel], self._key)
        except TornEntry:
            return None
        return row if says(self._wanted, str(row["message"])) else None


def row_of_hit(wanted: EntryFilter, hit: Hit, key: TrailKey) -> Row | None:
    """The entry as it is answered, if the filter lets it through."""
    return HitFilter(wanted, key).row_of(hit)


def counted_of(hit: Hit) -> Counted:
    """The entry as the index counts it."""
    words = hit.glimpse.words
    kind = Kind(
        CHANNELS[hit.channel], words.level, words.source, words.stage or "", words.event_type
    )
    return Counted(0, kind, 1, 0, Whom(*(text or "" for text in words.labels)))


def _merged(streams: Sequence[Iterator[Hit | Mark]], *, down: bool) -> Iterator[Hit | Mark]:
    return streams[0] if len(streams) == 1 else merge(*streams, key=_falling if down else _rising)


def _rising(hit: Hit | Mark) -> tuple[int, int, int]:
    return hit.seq, hit.channel, hit.line.offset


def _falling(hit: Hit | Mark) -> tuple[int, int, int]:
    return -hit.seq, hit.channel, -hit.line.offset


def _once(hits: Iterator[Hit | Mark]) -> Iterator[Hit | Mark]:
    """Each seq once: of two lines with the same one the first in the trail's order is the entry."""
    last = None
    for hit in hits:
        if isinstance(hit, Hit):
            if last is not None and last.seq == hit.seq:
                continue
            last = hit
        yield hit


def _bounded(lines: Iterator[Line], size: int) -> Iterator[Line]:
    for line in lines:
        if line.end > size:
            return
        yield line
