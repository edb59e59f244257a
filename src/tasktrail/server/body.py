"""The body of a POST: read within bounds of size, time and memory, and cut into events.

An object, an array of objects, or NDJSON; each may be gzip-compressed. Nothing is accepted before
the whole body has arrived and fits.
"""

import asyncio
import secrets
import threading
import zlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Raw

from tasktrail.errors import EventTooLarge, Overloaded
from tasktrail.model.codec import hide_halves
from tasktrail.server.problems import BodyTimeout, InvalidBody, UnsupportedEncoding

Receive = Callable[[], Awaitable[Any]]

NDJSON_TYPES: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
GZIP: Final = 16 + zlib.MAX_WBITS
STEP_BYTES: Final = 1 << 20  # a bomb is noticed at most this far behind its limit
SPACES: Final = b" \t\r\n"

_ARRAY: Final = msgspec.json.Decoder(list[Raw])


class BodyLimits(NamedTuple):
    """What a body may cost."""

    max_bytes: int
    idle_seconds: float = 20.0  # between two pieces
    total_seconds: float = 600.0


class Body(NamedTuple):
    """The events of a request; one alone is answered differently from one of many."""

    events: list[bytes]
    is_single: bool


class BodyBudget:
    """How much of all bodies together may be in memory: beyond it, doors close for a moment."""

    def __init__(self, max_bytes: int) -> None:
        self._free = max_bytes
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Reserve room; raises Overloaded when there is none."""
        with self._lock:
            if size > self._free:
                raise Overloaded("too many large bodies at once", retry_after_seconds=1)
            self._free -= size

    def give(self, size: int) -> None:
        """Room that is no longer needed."""
        with self._lock:
            self._free += size


class Share:
    """One request's part of the budget, given back as a whole."""

    def __init__(self, budget: BodyBudget) -> None:
        self._budget = budget
        self.taken = 0

    def take(self, size: int) -> None:
        """Reserve room for one more piece."""
        self._budget.take(size)
        self.taken += size

    def close(self) -> None:
        """Give back all."""
        self._budget.give(self.taken)
        self.taken = 0


async def read_body(receive: Receive, limits: BodyLimits, share: Share) -> bytes:
    """The whole body as sent; raises EventTooLarge, BodyTimeout, InvalidBody or Overloaded."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.total_seconds):
            is_over = False
            while not is_over:
                piece, is_over = await _next_piece(receive, limits.idle_seconds)
                size += len(piece)
                check_size(size, limits.max_bytes)
                share.take(len(piece))
                parts.append(piece)
    except TimeoutError as error:
        raise BodyTimeout(
            f"expected the whole body, found {size} bytes and then silence"
        ) from error
    return b"".join(parts)


async def _next_piece(receive: Receive, idle_seconds: float) -> tuple[bytes, bool]:
    """What arrived next, and whether it was the last."""
    async with asyncio.timeout(idle_seconds):
        message = await receive()
    if message["type"] == "http.disconnect":
        raise InvalidBody("expected the whole body, found the connection closed")
    return message.get("body", b""), not message.get("more_body")


def check_size(size: int, max_bytes: int) -> None:
    """Raises EventTooLarge when a body is above the limit."""
    if size > max_bytes:
        raise EventTooLarge(f"expected a body of at most {max_bytes} bytes")


def decoded(blob: bytes, encoding: str, *, max_bytes: int, share: Share) -> bytes:
    """The body without its compression, never more than `max_bytes` of it."""
    match encoding.strip().lower():
        case "" | "identity":
            return blob
        case "gzip" | "x-gzip":
            return b"".join(_inflated(blob, max_bytes, share))
        case other:
            raise UnsupportedEncoding(f"expected gzip or none, found {other!r}")


def _inflated(blob: bytes, max_bytes: int, share: Share) -> list[bytes]:
    parts: list[bytes] = []
    size = 0
    while blob:
        member = zlib.decompressobj(GZIP)
        while not member.eof:
            part = _step(member, blob)
            if not part and not member.unconsumed_tail and not member.eof:
                raise InvalidBody("expected gzip, found it cut off")
            size += len(part)
            check_size(size, max_bytes)
            share.take(len(part))
            parts.append(part)
            blob = member.unconsumed_tail
        blob = member.unused_data
    return parts


def _step(member: "zlib._Decompress", blob: bytes) -> bytes:
    try:
        return member.decompress(blob, STEP_BYTES)
    except zlib.error as error:
        raise InvalidBody(f"expected gzip: {error}") from error


def split_events(blob: bytes, content_type: str) -> Body:
    """The events of a body, each as it was sent; raises InvalidBody when it holds none.

    The elements of an array and the lines of NDJSON are not looked into: one bad event must not
    cost the others.
    """
    blob = blob.strip(SPACES)
    if not blob:
        raise InvalidBody("expected an event, an array of events or NDJSON, found nothing")
    if content_type.partition(";")[0].strip().lower() in NDJSON_TYPES:
        return Body(_lines(blob), is_single=False)
    if blob[:1] == b"[":
        return Body(_elements(blob), is_single=False)
    if blob[:1] == b"{":
        lines = _lines_unless_one(blob)
        return Body(lines, is_single=len(lines) == 1)
    raise InvalidBody(f"expected an event, an array of events or NDJSON, found {blob[:40]!r}")


def _lines(blob: bytes) -> list[bytes]:
    return [line for line in (line.strip(SPACES) for line in blob.split(b"\n")) if line]


def _lines_unless_one(blob: bytes) -> list[bytes]:
    """The body as one event if it is one JSON text or one line, else its lines."""
    lines = _lines(blob) if b"\n" in blob else [blob]
    if len(lines) == 1 or _is_json(blob):
        return [blob]
    if any(_is_json(line) for line in lines):
        return lines
    raise InvalidBody(f"expected JSON or lines of JSON, found {blob[:40]!r}")


def _is_json(blob: bytes) -> bool:
    try:
        msgspec.json.decode(blob, type=Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _elements(blob: bytes) -> list[bytes]:
    token = secrets.token_hex(16).encode()  # nobody can have sent it
    try:
        elements = _ARRAY.decode(hide_halves(blob, token))
        return [bytes(element).replace(token, b"\\u") for element in elements]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidBody(f"expected a JSON array of events: {error}") from error
