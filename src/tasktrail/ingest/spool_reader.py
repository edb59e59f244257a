"""The one way out of a partition's spool: its frames in order, from a checkpoint on.

Only what is on disk is returned. A damaged frame is returned as such and costs only itself; bytes
that are missing between two segments come as a gap of their own. Only the owner of the partition
reads its spool, and it deletes what it has recorded.
"""

import re
from bisect import bisect_left
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.errors import DamagedFrame, StorageFailed
from tasktrail.ingest.spool_lines import DurableLines, SyncFiles
from tasktrail.ingest.spool_seek import Continuity, find_start, line_mark
from tasktrail.ingest.spool_segments import Segment, list_segments
from tasktrail.model.frame import Body, Frame, are_whole, body_of, decode_body, decode_frame
from tasktrail.store.checkpoints import Checkpoint
from tasktrail.store.files import explained, sync_directory, sync_files
from tasktrail.store.layout import Layout

# No legible event holds this: quotes inside a JSON string are escaped, and outside of strings
# eight digits and a blank never stand before a brace.
_FRAME_START: Final = re.compile(rb'[0-9a-f]{8} \{"at":')


class SpoolFrame(Struct, frozen=True, gc=False):
    """One line of the spool, from position `pos` to `end`: a frame, or what is left of one.

    Whoever takes many frames knows a quicker way to read their bodies than one by one.
    """

    pos: int
    end: int
    body: Body  # without the CRC; all that is there where it is damaged
    is_whole: bool = True

    @property
    def frame(self) -> Frame | None:
        """The frame, decoded anew each time it is asked for; no frame: damaged or missing."""
        try:
            return decode_body(self.body) if self.is_whole else None
        except DamagedFrame:
            return None

    @property
    def is_gap(self) -> bool:
        """Whether bytes are missing here that were in the spool: nothing is left of the line."""
        return not self.is_whole and not self.body


class Position(NamedTuple):
    """A place in the spool as a checkpoint remembers it."""

    segment: str
    offset: int
    crc: int  # of the last frame before it
    pos: int


class SpoolReader:
    """The spool of one partition after a position; `seek` first, for one thread."""

    def __init__(self, layout: Layout, p: int, *, sync: SyncFiles = sync_files) -> None:
        self._folder = layout.spool(p)
        self._sync = sync
        self._open: DurableLines | None = None
        self._lines: list[bytes] = []  # read, on disk, not yet returned
        self._bodies: list[Body] | None = None  # of these lines, where all of them are whole
        self._taken = 0  # how many of them were returned
        self._pos = 0
        self._crc = 0

    def seek(self, checkpoint: Checkpoint | None) -> Continuity:
        """Where reading goes on; a gap when the spool no longer holds what follows."""
        self.close()
        start = find_start(list_segments(self._folder), checkpoint)
        self._pos = start.continuity.found
        self._crc = 0
        if start.segment is not None:
            self._open = DurableLines(start.segment, start.offset, sync=self._sync)
            if checkpoint is not None and start.offset and not start.continuity.is_gap:
                self._crc = checkpoint.crc
        return start.continuity

    def read(self, max_events: int, max_bytes: int) -> list[SpoolFrame]:
        """The next frames, in order; at least one when there is one, however large.

        Raises StorageFailed when the disk refuses or the segment was taken away: seek again then.
        """
        frames: list[SpoolFrame] = []
        limit = self._pos + max_bytes
        while len(frames) < max_events and self._pos < limit and self._fill(frames):
            self._take(frames, max_events, limit)
        if frames and self._open is not None and not self._open.is_in_place:
            raise StorageFailed(f"{self._open.segment.path} was taken away while it was read")
        return frames

    def _take(self, frames: list[SpoolFrame], max_events: int, limit: int) -> None:
        """Move lines that are waiting to the frames: those that begin before the limit."""
        taken = self._taken
        lines = self._lines[taken : taken + max_events - len(frames)]
        places = list(accumulate((len(line) + 1 for line in lines), initial=self._pos))
        count = min(bisect_left(places, limit, lo=1), len(lines))
        if self._bodies is None:
            for pos, line in zip(places, lines[:count], strict=False):
                frames += _frames_in(pos, line)
        else:
            frames += map(SpoolFrame, places, places[1:], self._bodies[taken : taken + count])
        self._crc = line_mark(lines[count - 1])
        self._pos, self._taken = places[count], taken + count

    def _fill(self, frames: list[SpoolFrame]) -> bool:
        """Whether lines are waiting; what is missing before them is told first."""
        while self._taken == len(self._lines):
            self._read_on()
            if self._lines:
                break
            successor = self._successor()
            if successor is None:
                return False
            # It may have grown between our look at its size and the making of the next segment.
            self._read_on()
            if not self._lines:
                self._move_to(successor, frames)
        return True

    def _read_on(self) -> None:
        """The next lines wait, if there are any; their CRCs are compared all at once."""
        self._lines, self._taken = self._open.read() if self._open else [], 0
        bodies = list(map(body_of, self._lines))
        self._bodies = bodies if are_whole(self._lines, bodies) else None

    def _successor(self) -> Segment | None:
        segments = list_segments(self._folder)
        if self._open is None:
            return next((one for one in segments if one.base >= self._pos), None)
        current = self._open.segment
        if current not in segments:
            raise StorageFailed(f"{current.path} was taken away while it was read")
        return next((one for one in segments if one > current), None)

    def _move_to(self, segment: Segment, frames: list[SpoolFrame]) -> None:
        rest = self._open.rest() if self._open else b""
        if rest:  # torn, and nobody will cut it: writers are in the next segment
            frames.append(SpoolFrame(self._pos, self._pos + len(rest), rest, is_whole=False))
            self._pos += len(rest)
        if segment.base > self._pos:
            frames.append(SpoolFrame(self._pos, segment.base, b"", is_whole=False))
        self.close()
        self._open = DurableLines(segment, 0, sync=self._sync)
        self._pos = segment.base
        self._crc = 0

    def position(self) -> Position:
        """The place behind the last frame that was returned."""
        if self._open is None:
            return Position("", 0, 0, self._pos)
        segment = self._open.segment
        return Position(segment.name, self._pos - segment.base, self._crc, self._pos)

    def waiting_bytes(self) -> int:
        """How much of the spool stands behind the position, on disk or not yet."""
        segments = list_segments(self._folder)
        return sum(max(0, one.end - max(one.base, self._pos)) for one in segments)

    def delete_below(self, pos: int) -> int:
        """How many segments were deleted: those that end at or before `pos`.

        Never the newest, which writers append to, nor the one that is being read.
        """
        segments = list_segments(self._folder)
        current = self._open.segment if self._open else None
        done = [
            segment
            for segment, following in pairwise(segments)
            if following.base <= pos and segment != current
        ]
        for segment in done:
            with explained("delete", segment.path):
                segment.path.unlink(missing_ok=True)
        if done:
            sync_directory(self._folder)
        return len(done)

    def close(self) -> None:
        """Every file is closed; `seek` opens them again."""
        self._lines, self._taken, self._bodies = [], 0, None
        if self._open is not None:
            self._open.close()
            self._open = None


def _frames_in(pos: int, line: bytes) -> list[SpoolFrame]:
    """What the line is: a frame, or what is left of one."""
    end = pos + len(line) + 1
    if _is_frame(line):
        return [SpoolFrame(pos, end, body_of(line))]
    return _salvage(pos, line)


def _is_frame(line: bytes) -> bool:
    try:
        decode_frame(line)
    except DamagedFrame:
        return False
    return True


def _salvage(pos: int, line: bytes) -> list[SpoolFrame]:
    """A damaged line, and the good frame at its end when only the line end between them is lost.

    So it is when a hole of NULs ends exactly where a frame begins.
    """
    end = pos + len(line) + 1
    starts = [found.start() for found in _FRAME_START.finditer(line, 1)]
    if starts and _is_frame(tail := line[starts[-1] :]):
        middle = pos + starts[-1]
        head = SpoolFrame(pos, middle, line[: starts[-1]], is_whole=False)
        return [head, SpoolFrame(middle, end, body_of(tail))]
    return [SpoolFrame(pos, end, line, is_whole=False)]
