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
BEGINNING_BYTES: Final = 256 * 1024
PATIENCE_SECONDS: Final = 10.0  # how long a body waits for room before its client is sent away
PAUSE_SECONDS: Final = 0.02
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_ARRAY: Final = msgspec.json.Decoder(list[Raw])


class BodyLimits(NamedTuple):
    """What a body may cost."""

    max_bytes: int
    idle_seconds: float = 20.0  # between two pieces
    total_seconds: float = 600.0
    max_event_bytes: int | None = None

    def check_single(self, parts: list[bytes], size: int) -> None:
        """Raises EventTooLarge as soon as a body can only be one event above its limit.

        That is an object on one line: of anything else, other events may still be accepted.
        """
        limit = self.max_event_bytes
        if limit is None or size <= limit or not parts[0].lstrip(SPACES).startswith(b"{"):
            return
        if not any(b"\n" in part for part in parts):
            raise EventTooLarge(f"expected an event of at most {limit} bytes")


class Body(NamedTuple):
    """The events of a request; one alone is answered differently from one of many."""

    events: list[bytes]
    is_single: bool


class BodyBudget:
    """How much of all bodies together may be in memory: beyond it, doors close for a moment.

    One body at a time may go beyond the bound, up to `alone_bytes`: so a large one always comes
    through, and several large ones do so one after the other. The beginnings of bodies have a room
    of their own, as large again: large bodies never keep small ones out.
    """

    def __init__(self, max_bytes: int, *, alone_bytes: int | None = None) -> None:
        self._max = max_bytes
        self._alone = max_bytes if alone_bytes is None else alone_bytes
        self._beginnings = 0
        self._rest = 0
        self._privileged: Share | None = None
        self._lock = threading.Lock()

    def take(self, share: "Share", size: int) -> None:
        """Reserve room; raises Overloaded when there is none."""
        with self._lock:
            beginning = min(size, max(0, BEGINNING_BYTES - share.taken))
            rest = size - beginning
            if self._beginnings + beginning > self._max or not self._has_room(share, rest):
                raise Overloaded("too many large bodies at once", retry_after_seconds=1)
            self._beginnings += beginning
            self._rest += rest
            share.beginning += beginning
            share.taken += size

    def _has_room(self, share: "Share", rest: int) -> bool:
        if self._rest + rest <= self._max:
            return True
        is_first = self._privileged in {None, share}
        if is_first and share.taken - share.beginning + rest <= self._alone:
            self._privileged = share
            return True
        return False

    def give(self, share: "Share") -> None:
        """Room that is no longer needed."""
        with self._lock:
            self._beginnings -= share.beginning
            self._rest -= share.taken - share.beginning
            share.taken = share.beginning = 0
            if self._privileged is share:
                self._privileged = None


class Share:
    """One request's part of the budget, given back as a whole."""

    def __init__(self, budget: BodyBudget, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._budget = budget
        self._patience_seconds = patience_seconds
        self.taken = 0
        self.beginning = 0  # of it, in the room for beginnings

    def take(self, size: int) -> None:
        """Reserve room for one more piece; raises Overloaded when there is none."""
        self._budget.take(self, size)

    async def wait_for(self, size: int) -> None:
        """The same, after some patience: meanwhile the client is not read from."""
        for _ in range(int(self._patience_seconds / PAUSE_SECONDS)):
            try:
                self.take(size)
            except Overloaded:
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return
        self.take(size)

    def close(self) -> None:
        """Give back all."""
        self._budget.give(self)


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
                await share.wait_for(len(piece))
                parts.append(piece)
                limits.check_single(parts, size)
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
    if blob.startswith(BYTE_ORDER_MARK):
        raise InvalidBody("expected JSON, found a byte order mark: send UTF-8 without it (no BOM)")
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
