"""Where reading a spool goes on from a checkpoint, and whether nothing is missing in between.

A checkpoint names a segment, an offset in it and the CRC of the frame before that offset. It holds
when that frame is still there, or when the segment is gone or shorter and the next one begins
exactly at the checkpoint's position. Everything else is a gap, and reading goes on behind it.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from tasktrail.ingest.spool_segments import Segment
from tasktrail.model.frame import frame_crc
from tasktrail.store.checkpoints import Checkpoint
from tasktrail.store.files import open_to_read
from tasktrail.store.lines import iter_lines_of, iter_tail


class Continuity(NamedTuple):
    """Where reading should go on and where it does; with a gap both may be the same place."""

    expected: int
    found: int
    is_gap: bool


class Start(NamedTuple):
    """The place to read from; no segment: the one that will begin there is not made yet."""

    segment: Segment | None
    offset: int
    continuity: Continuity


def find_start(segments: Sequence[Segment], checkpoint: Checkpoint | None) -> Start:
    """The place at the checkpoint; at the first byte there is when nothing was recorded yet."""
    if checkpoint is None:
        first = segments[0] if segments else None
        base = first.base if first else 0
        return Start(first, 0, Continuity(base, base, is_gap=False))
    expected = checkpoint.pos
    known = next((one for one in segments if one.name == checkpoint.segment), None)
    if known and _holds(known, checkpoint):
        return Start(known, checkpoint.offset, Continuity(expected, expected, is_gap=False))
    return _next_start(segments, expected)


def _holds(segment: Segment, checkpoint: Checkpoint) -> bool:
    """Whether the checkpoint's last frame stands where it stood."""
    if checkpoint.offset == 0:
        return segment.base == checkpoint.pos
    fd = open_to_read(segment.path)
    try:
        last = next(iter_tail(fd, checkpoint.offset), None)
        is_whole = last is not None and last.end == checkpoint.offset
        return is_whole and last is not None and line_mark(last.line) == checkpoint.crc
    finally:
        os.close(fd)


def line_mark(line: bytes) -> int:
    """What a checkpoint remembers of a line: the CRC it claims, its own when it claims none."""
    try:
        return frame_crc(line)
    except ValueError:
        return crc32(line)


def _next_start(segments: Sequence[Segment], expected: int) -> Start:
    for segment in segments:
        if segment.base == expected:
            return Start(segment, 0, Continuity(expected, expected, is_gap=False))
        if segment.base > expected:
            return Start(segment, 0, Continuity(expected, segment.base, is_gap=True))
        if expected <= segment.end:
            offset = _line_start(segment, expected - segment.base)
            return Start(segment, offset, Continuity(expected, segment.base + offset, is_gap=True))
    # Whoever appends next begins one beyond a checkpoint whose bytes are gone.
    found = expected + 1 if expected else 0
    return Start(None, 0, Continuity(expected, found, is_gap=found != expected))


def _line_start(segment: Segment, offset: int) -> int:
    """The first offset from `offset` on at which a line begins."""
    fd = open_to_read(segment.path)
    try:
        if next(iter_tail(fd, offset)).end == offset:
            return offset
        return next((line.end for line in iter_lines_of(fd, offset)), offset)
    finally:
        os.close(fd)
