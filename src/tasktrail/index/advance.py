"""The lines of a trail that are not yet read, in the order of `seq` over all channels, in runs.

A run is as many as are looked at, counted and folded together.

Only what is recorded counts: lines whose place in the spool is before the checkpoint. A place moves
past a line when the line was read, and past one that cannot be read only when a readable one
follows it: until then its owner may still cut it. A file that became shorter, or whose place is no
line's beginning any more, is another file: `TrailReplaced`, and the trail is read from its start.
"""

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from tasktrail.errors import TasktrailError
from tasktrail.index.glimpses import Glimpses
from tasktrail.index.peek import Glimpse
from tasktrail.model.channels import CHANNEL_FILES, CHANNELS
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import explained
from tasktrail.store.layout import Layout
from tasktrail.store.lines import Block, iter_blocks_of
from tasktrail.store.trail_directory import find_channel, find_directory

MOST_IN_A_RUN: Final = 4_096
MOST_RUN_BYTES: Final = 1 << 20  # lines may be long, and a run is in memory
_CHANNEL_OF: Final = {name: channel for channel, name in CHANNEL_FILES.items()}


class TrailReplaced(TasktrailError):
    """The trail's files are not those that were read before."""


class NewLine(Struct, gc=False):
    """A line that is recorded and was not read before."""

    seq: int
    offset: int
    line: bytes
    glimpse: Glimpse
    channel: int  # its number
    damaged: int  # unreadable lines between this one and the one before it in the channel

    @property
    def end(self) -> int:
        """Where the next line begins."""
        return self.offset + len(self.line) + 1


Run = list[NewLine]  # in the order of `seq`


def channel_sizes(layout: Layout, key: TrailKey) -> dict[str, int] | None:
    """The size of every channel that the trail has; `None` when there is no such trail."""
    directory = find_directory(layout, key.family, key.directory)
    if directory is None:
        return None
    try:
        with explained("list", layout.trail(key)), os.scandir(directory) as found:
            return {
                _CHANNEL_OF[entry.name]: entry.stat(follow_symlinks=False).st_size
                for entry in found
                if entry.name in _CHANNEL_OF and entry.is_file(follow_symlinks=False)
            }
    finally:
        os.close(directory)


def waiting_bytes(sizes: Mapping[str, int], places: Mapping[str, int]) -> int:
    """How much of the channels was not read yet; raises TrailReplaced when one became shorter."""
    waiting = 0
    for channel in {*sizes, *places}:
        more = sizes.get(channel, 0) - places.get(channel, 0)
        if more < 0:
            raise TrailReplaced(
                f"expected {places[channel]} bytes of {channel}, found {-more} less"
            )
        waiting += more
    return waiting


class Advance:
    """One reading of what is new in a trail; its places move as its lines are taken."""

    def __init__(
        self, layout: Layout, key: TrailKey, places: Mapping[str, int], *, below: int
    ) -> None:
        self.places = dict(places)
        self.damaged = 0
        self._layout = layout
        self._key = key
        self._below = below

    def runs(self, *, most: int = MOST_IN_A_RUN) -> Generator[Run, None, None]:
        """The new lines; raises TrailReplaced before the first when the trail was replaced."""
        run: Run = []
        size = 0
        with self._opened() as streams:
            for piece in _merged(streams):
                run += piece
                size += piece[-1].end - piece[0].offset
                while len(run) >= most:
                    yield self._taken(run[:most])
                    run = run[most:]
                if size >= MOST_RUN_BYTES and run:
                    yield self._taken(run)
                    run, size = [], 0
            if run:
                yield self._taken(run)

    def _taken(self, run: Run) -> Run:
        """The run; the places of its channels move behind it."""
        for channel, last in {new.channel: new for new in run}.items():
            self.places[CHANNELS[channel]] = last.end
        self.damaged += sum([new.damaged for new in run])
        return run

    @contextmanager
    def _opened(self) -> Iterator[list[Iterator[Run]]]:
        """A block with the new lines of every channel that grew."""
        sizes = channel_sizes(self._layout, self._key) or {}
        directory = None
        if waiting_bytes(sizes, self.places):
            directory = find_directory(self._layout, self._key.family, self._key.directory)
        if directory is None:
            yield []
            return
        grown = [name for name, size in sizes.items() if size > self.places.get(name, 0)]
        fds: dict[str, int] = {}
        try:
            for channel in grown:
                fd = find_channel(directory, channel)
                if fd is not None:
                    fds[channel] = fd
            yield [self._stream(channel, fd) for channel, fd in fds.items()]
        finally:
            for fd in (directory, *fds.values()):
                os.close(fd)

    def _stream(self, channel: str, fd: int) -> Iterator[Run]:
        """The channel's new lines, none empty-handed."""
        number, damaged = CHANNELS.index(channel), 0
        glimpses = Glimpses(channel, self._key)
        is_recorded = True
        for offset, lines in self._from_place(channel, fd):
            piece, at = Run(), offset
            for line, glimpse in zip(lines, glimpses.of(lines), strict=True):
                here, at = at, at + len(line) + 1
                if glimpse is None:
                    damaged += 1
                    continue
                is_recorded = glimpse.pos < self._below
                if not is_recorded:
                    break
                piece.append(NewLine(glimpse.seq, here, line, glimpse, number, damaged))
                damaged = 0
            if piece:
                yield piece
            if not is_recorded:
                return

    def _from_place(self, channel: str, fd: int) -> Iterator[Block]:
        """The lines from the channel's place on, which must still be where a line begins."""
        place = self.places.get(channel, 0)
        if place == 0:
            return iter_blocks_of(fd, chunk=MOST_RUN_BYTES)
        with explained("read", fd):
            if os.pread(fd, 1, place - 1) != b"\n":
                raise TrailReplaced(f"expected a line of {self._key.name} {channel} at {place}")
        return iter_blocks_of(fd, place, MOST_RUN_BYTES)


class _Waiting(Struct):
    """What of a channel is read and not yet taken."""

    rank: int
    stream: Iterator[Run]
    lines: Run
    at: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """When its next line is taken: before those of a higher seq, or of a later channel."""
        return self.lines[self.at].seq, self.rank

    def take_below(self, place: tuple[int, int]) -> Run:
        """Its lines before that place, at least one."""
        start, lines = self.at, self.lines
        self.at += 1
        while self.at < len(lines) and (lines[self.at].seq, self.rank) < place:
            self.at += 1
        taken = lines[start : self.at]
        if self.at == len(lines):
            self.lines, self.at = next(self.stream, []), 0
        return taken


def _merged(streams: list[Iterator[Run]]) -> Iterator[Run]:
    """The lines of all channels in the order of `seq`, in pieces; one channel alone is in order."""
    started = ((rank, stream, next(stream, None)) for rank, stream in enumerate(streams))
    waiting = [_Waiting(rank, stream, lines) for rank, stream, lines in started if lines]
    while len(waiting) > 1:
        waiting.sort(key=_place_of)
        first, second, *_ = waiting
        yield first.take_below(second.place)
        if not first.lines:
            waiting.remove(first)
    for last in waiting:
        yield last.lines[last.at :]
        yield from last.stream


def _place_of(one: _Waiting) -> tuple[int, int]:
    return one.place
