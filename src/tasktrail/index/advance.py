"""The lines of a trail that are not yet read, in the order of `seq` over all channels.

Only what is recorded counts: lines whose place in the spool is before the checkpoint. A place moves
past a line when the line was read, and past one that cannot be read only when a readable one
follows it: until then its owner may still cut it. A file that became shorter, or whose place is no
line's beginning any more, is another file: `TrailReplaced`, and the trail is read from its start.
"""

import os
from collections.abc import Generator, Iterator, Mapping
from heapq import merge
from typing import Final, NamedTuple

from tasktrail.errors import TasktrailError, TornEntry
from tasktrail.index.peek import Glimpse, look
from tasktrail.model.channels import CHANNEL_FILES, CHANNELS
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import explained
from tasktrail.store.layout import Layout
from tasktrail.store.lines import Line, iter_lines_of
from tasktrail.store.trail_directory import find_channel, find_directory

_CHANNEL_OF: Final = {name: channel for channel, name in CHANNEL_FILES.items()}


class TrailReplaced(TasktrailError):
    """The trail's files are not those that were read before."""


class NewLine(NamedTuple):
    """A line that is recorded and was not read before; ordered by `seq`."""

    seq: int
    channel: int  # its number, so that lines of one seq still have an order
    offset: int
    line: bytes
    glimpse: Glimpse
    damaged: int  # unreadable lines between this one and the one before it in the channel


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

    def lines(self) -> Generator[NewLine, None, None]:
        """The new lines; raises TrailReplaced before the first when the trail was replaced."""
        sizes = channel_sizes(self._layout, self._key) or {}
        if not waiting_bytes(sizes, self.places):
            return
        directory = find_directory(self._layout, self._key.family, self._key.directory)
        if directory is None:
            return
        grown = [name for name, size in sizes.items() if size > self.places.get(name, 0)]
        fds: dict[str, int] = {}
        try:
            for channel in grown:
                fd = find_channel(directory, channel)
                if fd is not None:
                    fds[channel] = fd
            streams = [self._stream(channel, fd) for channel, fd in fds.items()]
            for new in merge(*streams):
                self.places[CHANNELS[new.channel]] = new.offset + len(new.line) + 1
                self.damaged += new.damaged
                yield new
        finally:
            for fd in (directory, *fds.values()):
                os.close(fd)

    def _stream(self, channel: str, fd: int) -> Iterator[NewLine]:
        number, damaged = CHANNELS.index(channel), 0
        for offset, line in self._from_place(channel, fd):
            try:
                glimpse = look(line, channel, self._key)
            except TornEntry:
                damaged += 1
                continue
            if glimpse.pos >= self._below:
                return
            yield NewLine(glimpse.seq, number, offset, line, glimpse, damaged)
            damaged = 0

    def _from_place(self, channel: str, fd: int) -> Iterator[Line]:
        """The lines from the channel's place on, which must still be where a line begins."""
        place = self.places.get(channel, 0)
        if place == 0:
            return iter_lines_of(fd)
        lines = iter_lines_of(fd, place - 1)
        if next(lines, Line(0, b"?")).line:
            raise TrailReplaced(f"expected a line of {self._key.name} {channel} at {place}")
        return lines
