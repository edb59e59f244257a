"""Bytes of any size by range: one part of them, or all, sent piece by piece.

A Range header that asks for one part of bytes is honoured (`a-b`, `a-`, `-n`); one for several
parts, or in another unit, is answered with everything, which HTTP allows.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from litestar.background_tasks import BackgroundTask
from litestar.response import Stream

from tasktrail.server.problems import AnyRequest, RangeNotSatisfiable

PIECE_BYTES: Final = 1 << 20
ONE_RANGE: Final = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*")
WHOLE: Final = 200
PARTIAL: Final = 206

Read = Callable[[int, int], bytes]  # start and length → bytes


class Span(NamedTuple):
    """A part of some bytes: from `start` up to, and without, `end`."""

    start: int
    end: int


def find_span(header: str, size: int) -> Span | None:
    """The part that a Range header asks for, `None` for everything; raises RangeNotSatisfiable."""
    asked = ONE_RANGE.fullmatch(header)
    if not asked or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:
        span = Span(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return None
    else:
        span = Span(int(first), min(size, int(last) + 1) if last else size)
    if span.start >= span.end:
        raise RangeNotSatisfiable(size)
    return span


class Bytes(NamedTuple):
    """Bytes to be answered: how they are read, how many there are, and what lets go of them.

    That may be called more than once.
    """

    read: Read
    size: int
    close: Callable[[], None]


def bytes_answer(request: AnyRequest, found: Bytes, media_type: str) -> Stream:
    """The bytes, or the part of them that is asked for; raises RangeNotSatisfiable."""
    size = found.size
    try:
        span = find_span(request.headers.get("range", ""), size)
    except RangeNotSatisfiable:
        found.close()
        raise
    headers = {"accept-ranges": "bytes"}
    if span:
        headers["content-range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    part = span or Span(0, size)
    headers["content-length"] = str(part.end - part.start)
    status = PARTIAL if span else WHOLE
    return Stream(
        _pieces(found, part),
        status_code=status,
        headers=headers,
        media_type=media_type,
        background=BackgroundTask(found.close),  # where the client went away before the first piece
    )


def _pieces(found: Bytes, part: Span) -> Iterator[bytes]:
    start = part.start
    try:
        while start < part.end:
            piece = found.read(start, min(PIECE_BYTES, part.end - start))
            if not piece:
                return
            start += len(piece)
            yield piece
    finally:
        found.close()
