"""The lines of a trail that are not yet read, in the order of `seq` over all channels, in runs.

A run is as many as are counted and folded together.

Only what is recorded counts: lines whose place in the spool is before the checkpoint. A place moves
past a line when the line was read, and past one that cannot be read only when a readable one
follows it: until then its owner may still cut it. A file that became shorter, or whose place is no
line's beginning any more, is another file: `TrailReplaced`, and the trail is read from its start.
"""

import os
from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from operator import lt
from typing import Final

from msgspec import Struct

from tasktrail.errors import TasktrailError
from tasktrail.index.glimpses import Glimpses, Memory
from tasktrail.index.runs import Run, Text, joined
from tasktrail.model.channels import CHANNEL_FILES, CHANNELS
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import explained
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_texts_of
from tasktrail.store.trail_directory import find_channel, find_directory

MOST_IN_A_RUN: Final = 4_096
MOST_RUN_BYTES: Final = 1 << 20  # lines may be long, and a run is in memory
TEXT_BYTES: Final = 1 << 17  # read at once: what is made of it stays in the processor's cache
_CHANNEL_OF: Final = {name: channel for channel, name in CHANNEL_FILES.items()}


class TrailReplaced(TasktrailError):
    """The trail's files are not those that were read before."""


def channel_sizes(layout: Layout, key: TrailKey) -> dict[str, int] | None:
    """The size of every channel that the trail has; `None` when there is no such trail."""
    directory = find_directory(layout, key.family, key.directory)
    if directory is None:
        return None
    try:
        return _sizes_in(directory, layout, key)
    finally:
        os.close(directory)


def _sizes_in(directory: int, layout: Layout, key: TrailKey) -> dict[str, int]:
    with explained("list", layout.trail(key)), os.scandir(directory) as found:
        return {
            _CHANNEL_OF[entry.name]: entry.stat(follow_symlinks=False).st_size
            for entry in found
            if entry.name in _CHANNEL_OF and entry.is_file(follow_symlinks=False)
        }


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
        self,
        layout: Layout,
        key: TrailKey,
        places: Mapping[str, int],
        *,
        below: int,
        memory: Memory | None = None,
    ) -> None:
        self.places = dict(places)
        self.damaged = 0
        self._layout = layout
        self._key = key
        self._below = below
        self._memory = memory or Memory()

    def runs(self, *, most: int = MOST_IN_A_RUN) -> Generator[Run, None, None]:
        """The new lines; raises TrailReplaced before the first when the trail was replaced."""
        waiting: list[Run] = []
        held = size = 0
        with self._opened() as streams:
            for piece in _merged(streams):
                waiting.append(piece)
                held, size = held + len(piece), size + sum(piece.lengths)
                if held < most and size < MOST_RUN_BYTES:
                    continue
                run, rest = joined(waiting), held % most if size < MOST_RUN_BYTES else 0
                for start in range(0, held - rest, most):
                    yield self._taken(run.part(start, min(start + most, held - rest)))
                waiting = [run.part(held - rest, held)] if rest else []
                held, size = rest, sum(sum(one.lengths) for one in waiting)
            if held:
                yield self._taken(joined(waiting))

    def _taken(self, run: Run) -> Run:
        """The run; the places of its channels move behind it."""
        for channel, end in run.ends().items():
            self.places[CHANNELS[channel]] = end
        self.damaged += sum(run.damaged)
        return run

    @contextmanager
    def _opened(self) -> Iterator[list[Iterator[Run]]]:
        """A block with the new lines of every channel that grew."""
        directory = find_directory(self._layout, self._key.family, self._key.directory)
        fds = [] if directory is None else [directory]
        try:
            sizes = {} if directory is None else _sizes_in(directory, self._layout, self._key)
            waiting_bytes(sizes, self.places)
            streams: list[Iterator[Run]] = []
            for channel, size in sizes.items():
                if directory is None or size <= self.places.get(channel, 0):
                    continue
                fd = find_channel(directory, channel)
                if fd is not None:
                    fds.append(fd)
                    streams.append(self._stream(channel, fd))
            yield streams
        finally:
            for fd in fds:
                os.close(fd)

    def _stream(self, channel: str, fd: int) -> Iterator[Run]:
        """The channel's new lines in pieces whose seqs rise, none of them empty."""
        glimpses = Glimpses(channel, self._key, self._memory)
        for text in self._from_place(channel, fd):
            piece = glimpses.of(text)
            recorded = len(piece)
            if piece.poss and max(piece.poss) >= self._below:
                recorded = next(at for at, pos in enumerate(piece.poss) if pos >= self._below)
            yield from _rising(piece.part(0, recorded))
            if recorded < len(piece):
                return

    def _from_place(self, channel: str, fd: int) -> Iterator[Text]:
        """The lines from the channel's place on, which must still be where a line begins."""
        place = self.places.get(channel, 0)
        with explained("read", fd):
            if place and os.pread(fd, 1, place - 1) != b"\n":
                raise TrailReplaced(f"expected a line of {self._key.name} {channel} at {place}")
        return (Text(*block) for block in iter_texts_of(fd, place, TEXT_BYTES))


class _Waiting(Struct):
    """What of a channel is read and not yet taken."""

    stream: Iterator[Run]
    run: Run | None
    at: int = 0

    @property
    def last(self) -> int:
        """The seq up to which its lines are known."""
        return self.run.seqs[-1] if self.run else -1

    def take(self, upto: int) -> Run:
        """Its lines up to that seq."""
        run, start = self.run or Run(), self.at
        self.at = bisect_right(run.seqs, upto, start)
        taken = run.part(start, self.at)
        if self.at == len(run):
            self.run, self.at = next(self.stream, None), 0
        return taken


def _merged(streams: Iterable[Iterator[Run]]) -> Iterator[Run]:
    """The lines of all channels in the order of `seq`, in pieces; one channel alone is in order.

    Of lines with the same seq that of the earlier channel comes first.
    """
    started = [_Waiting(stream, next(stream, None)) for stream in streams]
    waiting = [one for one in started if one.run]
    while len(waiting) > 1:
        upto = min(one.last for one in waiting)
        pieces = [piece for piece in [one.take(upto) for one in waiting] if piece]
        yield joined(pieces).in_order() if len(pieces) > 1 else pieces[0]
        waiting = [one for one in waiting if one.run]
    for one in waiting:
        if one.run:
            yield one.run.part(one.at, len(one.run))
        yield from one.stream


def _rising(run: Run) -> Iterator[Run]:
    """The lines in pieces, as they are where their seqs rise."""
    seqs = run.seqs
    if all(map(lt, seqs, seqs[1:])):
        if seqs:
            yield run
        return
    falls = [at for at in range(1, len(seqs)) if seqs[at] <= seqs[at - 1]]
    for start, end in pairwise([0, *falls, len(seqs)]):
        yield run.part(start, end)
