"""The body of a POST: read within bounds of size, time and memory, and cut into events.

An object, an array of objects, or NDJSON; each may be gzip-compressed. Nothing is accepted before
the whole body has arrived and fits. A body is in memory once: its events are cut out one by one,
and a bomb is let go of as soon as it is larger than most bodies.
"""

import asyncio
import json
import re
import secrets
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from io import BytesIO
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
CUT_BYTES: Final = 1 << 20  # of lines that are cut apart together
MOST_EVENTS: Final = 1_000_000  # in one request: each costs memory beside its bytes
HELD_BYTES: Final = 16 << 20  # of what is larger, the size is known before it is held
BEGINNING_BYTES: Final = 256 * 1024
PATIENCE_SECONDS: Final = 10.0  # how long a body waits for room before its client is sent away
PAUSE_SECONDS: Final = 0.02
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_ARRAY: Final = msgspec.json.Decoder(list[Raw])
_LENIENT: Final = json.JSONDecoder()
_NO_SPACE: Final = re.compile(rb"[^ \t\r\n]")
_NO_SPACE_TEXT: Final = re.compile(r"[^ \t\r\n]")


class BodyLimits(NamedTuple):
    """What a body may cost."""

    max_bytes: int
    idle_seconds: float = 20.0  # between two pieces
    total_seconds: float = 600.0
    max_event_bytes: int | None = None

    def check_single(self, head: bytes, size: int) -> None:
        """Raises EventTooLarge when a body of one line can only be one event above its limit.

        That is an object; of anything else, other events may still be accepted.
        """
        limit = self.max_event_bytes
        if limit is not None and size > limit and head.lstrip(SPACES).startswith(b"{"):
            raise EventTooLarge(f"expected an event of at most {limit} bytes")


class Body(NamedTuple):
    """The events of a request; one alone is answered differently from one of many."""

    events: Iterable[bytes]  # to be gone through once
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
    gathered, head = BytesIO(), b""
    size = 0
    try:
        async with asyncio.timeout(limits.total_seconds):
            is_over = has_lines = False
            while not is_over:
                piece, is_over = await _next_piece(receive, limits.idle_seconds)
                size += len(piece)
                check_size(size, limits.max_bytes)
                await share.wait_for(len(piece))
                gathered.write(piece)
                head = head or piece
                has_lines = has_lines or b"\n" in piece
                if not has_lines:
                    limits.check_single(head, size)
    except TimeoutError as error:
        raise BodyTimeout(
            f"expected the whole body, found {size} bytes and then silence"
        ) from error
    return gathered.getvalue()


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
            return _inflated(blob, max_bytes, share)
        case other:
            raise UnsupportedEncoding(f"expected gzip or none, found {other!r}")


def _inflated(blob: bytes, max_bytes: int, share: Share) -> bytes:
    """The bytes that were compressed; what is large is counted before it is held."""
    gathered, is_counted = BytesIO(), False
    for part in _parts(blob, max_bytes):
        if not is_counted and gathered.tell() + len(part) > HELD_BYTES:
            is_counted = True
            for _ in _parts(blob, max_bytes):  # raises for a bomb
                pass
        share.take(len(part))
        gathered.write(part)
    return gathered.getvalue()


def _parts(blob: bytes, max_bytes: int) -> Iterator[bytes]:
    size = 0
    while blob:
        member = zlib.decompressobj(GZIP)
        while not member.eof:
            part = _step(member, blob)
            if not part and not member.unconsumed_tail and not member.eof:
                raise InvalidBody("expected gzip, found it cut off")
            size += len(part)
            check_size(size, max_bytes)
            yield part
            blob = member.unconsumed_tail
        blob = member.unused_data


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
    found = _NO_SPACE.search(blob)
    if found is None:
        raise InvalidBody("expected an event, an array of events or NDJSON, found nothing")
    at = found.start()
    if blob.startswith(BYTE_ORDER_MARK, at):
        raise InvalidBody("expected JSON, found a byte order mark: send UTF-8 without it (no BOM)")
    if content_type.partition(";")[0].strip().lower() in NDJSON_TYPES:
        return Body(_lines(blob), is_single=False)
    if blob.startswith(b"[", at):
        return Body(_elements(blob), is_single=False)
    if blob.startswith(b"{", at):
        return _lines_unless_one(blob, at)
    raise InvalidBody(
        f"expected an event, an array of events or NDJSON, found {blob[at : at + 40]!r}"
    )


def _lines(blob: bytes) -> Iterator[bytes]:
    """The lines that are not empty; raises EventTooLarge at once when they may be too many."""
    _check_count(blob.count(b"\n"))
    return _cut_lines(blob)


def _cut_lines(blob: bytes) -> Iterator[bytes]:
    """Some at a time: a body may be large, and each line is a copy."""
    start = 0
    while start < len(blob):
        end = blob.find(b"\n", start + CUT_BYTES)
        end = len(blob) if end < 0 else end
        for line in blob[start:end].split(b"\n"):
            if bare := line.strip(SPACES):
                yield bare
        start = end + 1


def _check_count(count: int) -> None:
    if count > MOST_EVENTS:
        raise EventTooLarge(f"expected at most {MOST_EVENTS} events in a request, found {count}")


def _lines_unless_one(blob: bytes, at: int) -> Body:
    """The body as one event if it is one JSON text or one line, else its lines."""
    line_end = blob.find(b"\n", at)
    has_more = line_end >= 0 and _NO_SPACE.search(blob, line_end) is not None
    if not has_more or _is_json(blob):
        return Body([blob.strip(SPACES)], is_single=True)
    if any(_is_json(line) for line in _lines(blob)):
        return Body(_lines(blob), is_single=False)
    raise InvalidBody(f"expected JSON or lines of JSON, found {blob[at : at + 40]!r}")


def _is_json(blob: bytes) -> bool:
    try:
        msgspec.json.decode(blob, type=Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _elements(blob: bytes) -> Iterator[bytes]:
    token = secrets.token_hex(16).encode()  # nobody can have sent it
    try:
        elements = _ARRAY.decode(hide_halves(blob, token))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        lenient = _lenient_elements(blob) if len(blob) <= HELD_BYTES else None
        if lenient is None:
            raise InvalidBody(f"expected a JSON array of events: {error}") from error
        _check_count(len(lenient))
        return iter(lenient)
    _check_count(len(elements))
    return (bytes(element).replace(token, b"\\u") for element in elements)


def _lenient_elements(blob: bytes) -> list[bytes] | None:
    """The elements of an array in which some hold what many producers take for JSON, as NaN.

    Each is judged on its own afterwards. `None` where it is no array in that sense either.
    """
    text = blob.decode("utf-8", "surrogateescape")
    elements: list[bytes] = []
    at = text.index("[") + 1
    try:
        while True:
            start = _past_space(text, at)
            _, end = _LENIENT.raw_decode(text, start)
            elements.append(text[start:end].encode("utf-8", "surrogateescape"))
            at = _past_space(text, end) + 1
            if text[at - 1] == "]":
                return elements if _past_space(text, at) == len(text) else None
            if text[at - 1] != ",":
                return None
    except (ValueError, IndexError, RecursionError):
        return None


def _past_space(text: str, at: int) -> int:
    """The place of the next character that is none; the end of the text where there is none."""
    found = _NO_SPACE_TEXT.search(text, at)
    return found.start() if found else len(text)
