"""Pages: how much of a list is asked for, and the cursor at which the next page begins.

A cursor is opaque, `[A-Za-z0-9_-]+`, and bound to its list and filters; it holds a place in the
order of the list (never a count of rows), so entries that arrive move nothing, and nothing of the
index, so a rebuilt index continues where the old one was.
"""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidCursor, InvalidFilter

DEFAULT_LIMIT: Final = 200
MAX_LIMIT: Final = 10_000
MAX_OFFSET: Final = (1 << 53) - 1
ORDERS: Final = ("asc", "desc")
PAGE_KEYS: Final = frozenset({"limit", "offset", "order", "cursor", "preview"})
NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
TAG_BYTES: Final = 6

Place = tuple[int | str, ...]

_PLACE: Final = msgspec.json.Decoder(Place)


class Paging(Struct, frozen=True):
    """Which part of a list."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    order: str = "asc"
    cursor: str | None = None
    preview: int | None = None  # bytes of each message, `None` for whole entries

    def __post_init__(self) -> None:
        """Raises InvalidFilter for a value outside its bounds, whoever made the page."""
        _check("limit", self.limit, 1, MAX_LIMIT)
        _check("offset", self.offset, 0, MAX_OFFSET)
        if self.preview is not None:
            _check("preview", self.preview, 1, MAX_OFFSET)
        if self.order not in ORDERS:
            raise InvalidFilter(f"order: expected asc or desc, found {self.order!r}")


def _check(name: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise InvalidFilter(f"{name}: expected {least} to {most}, found {number}")


def parse_paging(params: Mapping[str, Sequence[str]]) -> Paging:
    """The page that a query string asks for; its other keys are left alone.

    Raises InvalidFilter with the key, what was expected and found.
    """
    said = {name: values[-1] for name in PAGE_KEYS if (values := params.get(name)) and values[-1]}
    numbers = {
        name: _number(name, said[name]) for name in ("limit", "offset", "preview") if name in said
    }
    texts = {name: said[name] for name in ("order", "cursor") if name in said}
    return Paging(**numbers, **texts)  # type: ignore[arg-type]


def _number(name: str, text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise InvalidFilter(f"{name}: expected a whole number, found {text!r}")
    return int(text)


def encode_cursor(fingerprint: str, place: Place) -> str:
    """The cursor of a place in the list with that fingerprint."""
    blob = msgspec.json.encode(place)
    return urlsafe_b64encode(_tag(fingerprint, blob) + blob).rstrip(b"=").decode()


def decode_cursor(fingerprint: str, cursor: str) -> Place:
    """The place that a cursor of this list names; raises InvalidCursor for any other text."""
    try:
        sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        tag, blob = sealed[:TAG_BYTES], sealed[TAG_BYTES:]
        if tag == _tag(fingerprint, blob):
            return _PLACE.decode(blob)
    except (ValueError, msgspec.DecodeError):
        pass
    raise InvalidCursor(f"expected a cursor of this list with these filters, found {cursor[:80]!r}")


def _tag(fingerprint: str, blob: bytes) -> bytes:
    return hashlib.sha256(fingerprint.encode() + b"\n" + blob).digest()[:TAG_BYTES]
