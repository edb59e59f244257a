"""Reading trails: all lines in their order, or single ones by their place.

What cannot be read is skipped and counted, never an end: NUL runs, bad UTF-8, half lines and lines
of other programs cost themselves only.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import Final, NamedTuple

from tasktrail.errors import TornEntry
from tasktrail.model.channels import CHANNELS
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import explained
from tasktrail.store.heads import read_head
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_lines, iter_lines_of
from tasktrail.store.trail_directory import find_channel, find_directory, reading

__all__ = ["Range", "iter_lines", "iter_ranges", "iter_trail", "read_line_at", "read_ranges"]

NEIGHBOUR_BYTES: Final = 1 << 13  # reading a gap this long costs less than another call
HELD_BYTES: Final = 8 << 20  # of lines that are read to be looked at one by one
MERGED_BYTES: Final = 4 << 20  # how much one call reads at most, unless one line is longer


class Range(NamedTuple):
    """A stored line's place; the length may include its line end or not."""

    channel: str
    offset: int
    length: int


class _Placed(NamedTuple):
    """A line as it is merged: by `seq`, then by channel and place."""

    seq: int
    channel: int
    offset: int
    line: bytes


def iter_trail(
    layout: Layout, key: TrailKey, *, below: int | None, skipped: Counter[str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Channel and line of every entry, in the order of `seq`.

    `below`: only entries whose place in the spool is before it. `skipped` counts by channel the
    lines that could not be read. A trail that does not exist has no entries.
    """
    counted = Counter[str]() if skipped is None else skipped
    with reading(layout, key.family, key.directory) as channels:
        streams = [_placed(fd, channel, below, counted) for channel, fd in channels.items()]
        for placed in merge(*streams):
            yield CHANNELS[placed.channel], placed.line


def _placed(fd: int, channel: str, below: int | None, skipped: Counter[str]) -> Iterator[_Placed]:
    number = CHANNELS.index(channel)
    for offset, line in iter_lines_of(fd):
        head = read_head(line)
        if head is None:
            skipped[channel] += 1
        elif below is None or head.pos < below:
            yield _Placed(head.seq, number, offset, line)


def read_line_at(layout: Layout, key: TrailKey, channel: str, offset: int, length: int) -> bytes:
    """The bytes of one line, without its line end; raises TornEntry when the file ends before."""
    (line,) = read_ranges(layout, key, [Range(channel, offset, length)])
    if line is None:
        raise TornEntry(f"expected {length} bytes at {offset} of {key.name} {channel}, found less")
    return line


def read_ranges(
    layout: Layout, key: TrailKey, ranges: Sequence[tuple[str, int, int]]
) -> list[bytes | None]:
    """The lines at those places, in the order asked, without line ends; `None` where none is.

    Neighbours are read together, whatever the order in which they are asked for.
    """
    lines: list[bytes | None] = [None] * len(ranges)
    order = sorted(range(len(ranges)), key=ranges.__getitem__)
    directory = find_directory(layout, key.family, key.directory)
    if directory is None:
        return lines
    fds: dict[str, int | None] = {}
    try:
        for run in _runs(ranges, order):
            channel = ranges[run[0]][0]
            if channel not in fds:
                fds[channel] = find_channel(directory, channel)
            _read_run(fds[channel], ranges, run, lines)
    finally:
        for fd in (directory, *fds.values()):
            if fd is not None:
                os.close(fd)
    return lines


def iter_ranges(
    layout: Layout,
    key: TrailKey,
    ranges: Sequence[tuple[str, int, int]],
    *,
    most_bytes: int = HELD_BYTES,
) -> Iterator[bytes | None]:
    """The same one after the other; so many bytes are held at once, or one line that is longer."""
    first = held = 0
    for number, (_, _, length) in enumerate(ranges):
        if held and held + length > most_bytes:
            yield from read_ranges(layout, key, ranges[first:number])
            first, held = number, 0
        held += length
    yield from read_ranges(layout, key, ranges[first:])


def _runs(ranges: Sequence[tuple[str, int, int]], order: list[int]) -> Iterator[list[int]]:
    """The wanted lines in groups that one call reads."""
    run: list[int] = []
    start = end = 0
    for number in order:
        channel, offset, length = ranges[number]
        if run and (
            channel != ranges[run[0]][0]
            or offset > end + NEIGHBOUR_BYTES
            or offset + length > start + MERGED_BYTES
        ):
            yield run
            run = []
        if not run:
            start = end = offset
        run.append(number)
        end = max(end, offset + length)
    if run:
        yield run


def _read_run(
    fd: int | None,
    ranges: Sequence[tuple[str, int, int]],
    run: list[int],
    lines: list[bytes | None],
) -> None:
    if fd is None:
        return
    start = ranges[run[0]][1]
    end = max(ranges[number][1] + ranges[number][2] for number in run)
    with explained("read", fd):
        block = _read_exactly(fd, end - start, start)
    for number in run:
        _, offset, length = ranges[number]
        line = block[offset - start : offset - start + length]
        if len(line) == length:
            lines[number] = line.removesuffix(b"\n")


def _read_exactly(fd: int, length: int, offset: int) -> bytes:
    """So many bytes, or what there is."""
    block = os.pread(fd, length, offset)
    if len(block) == length:
        return block
    parts = [block]
    while block and (length := length - len(block)) > 0:
        offset += len(block)
        block = os.pread(fd, length, offset)
        parts.append(block)
    return b"".join(parts)
